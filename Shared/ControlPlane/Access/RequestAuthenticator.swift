import Authentication
import Cryptography
import Domain
import HTTP

/// Knows a caller by one of: the admin key, the gateway's key, an API key, a token of the issuer, or the sidecar that
/// vouches for the app that calls.
public struct RequestAuthenticator: Authenticator {
    /// Who owns the API key with this digest; nil if there is none that is good.
    public typealias APIKeyOwner = @Sendable (_ sha256: String) async throws(ServiceError) -> Principal?

    public static let gatewayAppID = "inference-gateway"
    private static let maximumAppIDLength = 64

    private let adminKey: PresharedKey
    private let gatewayKey: PresharedKey?
    private let tokens: JWTAuthentication?
    private let apiKeyOwner: APIKeyOwner
    private let appToken: String?

    /// - Parameters:
    ///   - tokens: nil where no issuer is configured.
    ///   - appToken: `APP_API_TOKEN`. Without it no app is known.
    public init(
        adminKey: PresharedKey, gatewayKey: PresharedKey? = nil, tokens: JWTAuthentication? = nil,
        appToken: String? = nil, apiKeyOwner: @escaping APIKeyOwner = { _ in nil }
    ) {
        self.adminKey = adminKey
        self.gatewayKey = gatewayKey
        self.tokens = tokens
        self.appToken = appToken
        self.apiKeyOwner = apiKeyOwner
    }

    public func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal {
        let isFromSidecar = try isFromSidecar(request)
        // Credentials of a user go before the app that hands them on: it acts for that user then.
        if let token = try BearerCredentials.token(in: request.fields) { return try await principal(for: token) }
        guard isFromSidecar else {
            throw .unauthenticated("Send a key or a token as: Authorization: Bearer KEY")
        }
        return try app(request)
    }

    private func principal(for token: String) async throws(ServiceError) -> Principal {
        if adminKey.matches(token) { return .admin }
        if gatewayKey?.matches(token) == true { return .app(Self.gatewayAppID, .gatewayKey) }
        if let key = APIKey(token), let owner = try await apiKeyOwner(key.sha256) { return owner }
        if let tokens, token.utf8.contains(UInt8(ascii: ".")) {
            let identity = try await tokens.identity(of: token)
            return Principal(subject: identity.subject, groups: identity.groups, credential: .jwt)
        }
        throw .unauthenticated("The key or token is not known, or not good any more.")
    }

    /// - Throws: `.unauthenticated` for a token that is not the sidecar's, or is there twice: whoever sends one means
    ///   to be taken for a sidecar.
    private func isFromSidecar(_ request: HTTPRequest) throws(ServiceError) -> Bool {
        let presented = request.fields.values("dapr-api-token")
        guard let appToken, !presented.isEmpty else { return false }
        guard presented.count == 1, constantTimeEquals(presented[0], appToken) else {
            throw .unauthenticated("The dapr-api-token is not that of this app.")
        }
        return true
    }

    /// A sidecar adds the true caller to what the caller itself sent, before or behind it: of two values neither is to
    /// be believed.
    private func app(_ request: HTTPRequest) throws(ServiceError) -> Principal {
        let callers = request.fields.values("dapr-caller-app-id")
        guard callers.count == 1, Self.isAppID(callers[0]) else {
            throw .unauthenticated("The request has not exactly one dapr-caller-app-id, nor credentials of its own.")
        }
        return .app(callers[0])
    }

    private static func isAppID(_ text: String) -> Bool {
        (1...maximumAppIDLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
