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
        let scheme = fieldValue.prefix { $0 != 0x20 }
        let token = fieldValue[scheme.endIndex...].drop { $0 == 0x20 }
        guard Self.matches(scheme, "bearer") || Self.matches(scheme, "backendai"), !token.isEmpty,
            token.count <= Self.maximumTokenBytes, !token.contains(0x20)
        else {
            self = .unusable
            return
        }
        self = .token(token)
    }

    private static func matches(_ scheme: ArraySlice<UInt8>, _ lowercase: StaticString) -> Bool {
        scheme.count == lowercase.utf8CodeUnitCount
            && scheme.elementsEqual(lowercase.description.utf8) { $0 | 0x20 == $1 }
    }
}
