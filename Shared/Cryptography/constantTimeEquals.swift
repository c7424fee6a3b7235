import CCrypto

/// Compares secrets in a time that does not depend on where they differ, nor on how long the expected one is.
///
/// Both sides are hashed first, so that the comparison always runs over 32 bytes.
public func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    let leftDigest = SHA256.hash(left).bytes
    let rightDigest = SHA256.hash(right).bytes
    return unsafe CRYPTO_memcmp(leftDigest, rightDigest, SHA256Digest.byteCount) == 0
}

/// As above, for the UTF-8 of two texts.
public func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(Array(left.utf8), Array(right.utf8))
}
