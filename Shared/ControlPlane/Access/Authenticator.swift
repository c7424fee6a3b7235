import Authentication
import Domain
import HTTP

/// Finds out who makes a request.
public protocol Authenticator: Sendable {
    /// - Throws: `.unauthenticated`. It never says which part of a credential is wrong.
    func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal
}

/// Knows one caller: whoever holds the admin key.
public struct AdminKeyAuthenticator: Authenticator {
    public static let admin = Principal.admin

    private let key: AdminKey

    public init(_ key: AdminKey) { self.key = key }

    public func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal {
        guard let token = try BearerCredentials.token(in: request.fields) else {
            throw .unauthenticated("Send the admin key as: Authorization: Bearer KEY")
        }
        guard key.matches(token) else { throw .unauthenticated("The key is not the admin key.") }
        return Self.admin
    }
}
