/// Who makes a request, as authentication found out.
public struct Principal: Hashable, Sendable {
    /// How somebody showed who they are. Holds no secret, so that the audit can tell of it.
    public enum Credential: Hashable, Sendable, CustomStringConvertible {
        case adminKey
        case gatewayKey
        /// `id` is the key's id, not its text.
        case apiKey(id: String)
        case jwt
        /// A sidecar vouches for the calling app.
        case appToken

        public var description: String {
            switch self {
            case .adminKey: "admin_key"
            case .gatewayKey: "gateway_key"
            case .apiKey(let id): "api_key:\(id)"
            case .jwt: "jwt"
            case .appToken: "app_token"
            }
        }
    }

    /// `alice`, `admin`, `app:model-serving`.
    public let subject: String
    /// Bare names, as the token has them: policies name the group `staff` as `group:staff`.
    public let groups: [String]
    /// Nil for one that is only asked about.
    public let credential: Credential?

    public init(subject: String, groups: [String] = [], credential: Credential? = nil) {
        self.subject = subject
        self.groups = groups
        self.credential = credential
    }

    /// All names under which rules may know it.
    public var names: [String] { [subject] + groups.map { "group:" + $0 } }

    /// Whoever holds the admin key.
    public static let admin = Principal(subject: "admin", credential: .adminKey)

    /// A service, by the name under which its sidecar knows it.
    public static func app(_ id: String, _ credential: Credential = .appToken) -> Principal {
        Principal(subject: "app:\(id)", credential: credential)
    }

    /// Whether only Slipway itself may be called so: no token of an issuer and no API key may be for such a subject.
    ///
    /// Users, services, groups and roles share the names of policies. A token for `role:admin` would otherwise be the
    /// role. Case is left aside, since `Admin` would be taken for `admin` by whoever reads it.
    public static func isReserved(_ subject: String) -> Bool {
        let bytes = subject.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return bytes == Array("admin".utf8)
            || ["app:", "group:", "role:"].contains { bytes.starts(with: $0.utf8) }
    }
}
