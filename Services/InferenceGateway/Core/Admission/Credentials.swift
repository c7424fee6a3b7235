/// What a request's Authorization field holds.
public enum Credentials: Hashable, Sendable {
    case none
    case token(ArraySlice<UInt8>)
    /// Another scheme, no token, a token that is too long, or more than one field.
    case unusable

    /// Bytes of a token. Ours are shorter.
    public static let maximumTokenBytes = 512

    /// Takes the field's value: `Bearer TOKEN` or `BackendAI TOKEN`, the scheme's case aside.
    public init(fieldValue: ArraySlice<UInt8>) {
        let bytes = fieldValue.span
        var start = 0
        while start < bytes.count, bytes[start] != 0x20 { start += 1 }
        guard Self.holds(bytes, start, "bearer") || Self.holds(bytes, start, "backendai") else {
            self = .unusable
            return
        }
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        var end = start
        while end < bytes.count, bytes[end] != 0x20 { end += 1 }
        guard end == bytes.count, end > start, end - start <= Self.maximumTokenBytes else {
            self = .unusable
            return
        }
        self = .token(fieldValue[(fieldValue.startIndex + start)...])
    }

    /// Whether the first `count` bytes are `scheme`, which is in lower case.
    private static func holds(_ bytes: Span<UInt8>, _ count: Int, _ scheme: String) -> Bool {
        let scheme = scheme.utf8.span
        guard count == scheme.count else { return false }
        for index in 0..<count where bytes[index] | 0x20 != scheme[index] { return false }
        return true
    }
}
