import CCrypto

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The code for `message` under `key`. Compare it only with `constantTimeEquals`.
    public static func authenticationCode(for message: [UInt8], key: [UInt8]) -> SHA256Digest {
        var code = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        // libcrypto reads a nil key as "the one of before", so that an empty key needs an address too.
        let keyBytes = key.isEmpty ? [0] : key
        let result = unsafe HMAC(EVP_sha256(), keyBytes, Int32(key.count), message, message.count, &code, nil)
        guard unsafe result != nil else { fatalError("libcrypto cannot compute an HMAC-SHA-256") }
        return SHA256Digest(exactly: code)
    }
}
