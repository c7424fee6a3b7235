import CCrypto

/// Unpredictable bytes for keys and tokens, from libcrypto's generator.
public enum SecureRandom {
    /// Stops the process if the generator fails: a predictable key is worse than none.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max))
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else {
            fatalError("libcrypto has no random bytes to give")
        }
        return bytes
    }

    /// `byteCount` random bytes as base64url without padding: 4 characters for every 3 bytes.
    public static func base64URL(byteCount: Int) -> String { Base64URL.encode(bytes(byteCount)) }

    /// `byteCount` random bytes as lower-case hexadecimal: 2 characters a byte.
    public static func hex(byteCount: Int) -> String { Hexadecimal.encode(bytes(byteCount)) }
}
