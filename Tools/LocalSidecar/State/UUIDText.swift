import Cryptography

/// UUIDs as ETags: what daprd's stores make, and what they accept.
enum UUIDText {
    /// A random one (version 4).
    static func random() -> String {
        var bytes = SecureRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return groups(Hexadecimal.encode(bytes))
    }

    /// The lower-case form of a UUID with its four dashes.
    /// - Throws: Go's words for anything else.
    static func parse(_ text: String) throws(StateFailure) -> String {
        let length = text.utf8.count
        guard length == 36 else { throw .etagMismatch(detail: "invalid UUID length: \(length)") }
        let digits = text.lowercased().filter { $0 != "-" }
        guard Hexadecimal.decode(digits)?.count == 16, groups(digits) == text.lowercased() else {
            throw .etagMismatch(detail: "invalid UUID format")
        }
        return text.lowercased()
    }

    private static func groups(_ digits: String) -> String {
        var rest = Substring(digits)
        return [8, 4, 4, 4, 12].map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }
}
