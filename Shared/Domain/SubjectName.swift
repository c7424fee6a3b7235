/// A name under which rules of access, owners and the audit know somebody.
///
/// Users have their bare names. What begins with `app:`, `group:` or `role:`, and `admin`, belongs to others: a user
/// who could be called `role:admin` would be that role.
public struct SubjectName: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The holder of the admin key.
        case admin
        case user
        case app
        case group
        case role
    }

    public static let maximumBytes = 256
    public static let rule =
        "must be 1 to \(maximumBytes) bytes without control characters and without white space at its ends"

    public let description: String
    public let kind: Kind

    /// Nil for a text that is too long or empty, has nothing behind its prefix, or holds what cannot be seen.
    public init?(_ text: String) {
        let prefixes: [(prefix: String, kind: Kind)] = [("app:", .app), ("group:", .group), ("role:", .role)]
        let scalars = text.unicodeScalars
        guard (1...Self.maximumBytes).contains(text.utf8.count), scalars.allSatisfy(Self.isVisible),
            scalars.first?.properties.isWhitespace == false, scalars.last?.properties.isWhitespace == false
        else { return nil }
        if let (prefix, kind) = prefixes.first(where: { text.utf8.starts(with: $0.prefix.utf8) }) {
            guard text.utf8.count > prefix.utf8.count else { return nil }
            self.kind = kind
        } else {
            kind = text == "admin" ? .admin : .user
        }
        description = text
    }

    /// Who a person outside may claim to be: nil for every name that belongs to others.
    public static func user(_ text: String) -> Self? {
        guard !Principal.isReserved(text), let name = Self(text), name.kind == .user else { return nil }
        return name
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}
