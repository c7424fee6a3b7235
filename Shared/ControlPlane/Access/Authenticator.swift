import Domain
import HTTP

/// Finds out who makes a request.
public protocol Authenticator: Sendable {
    /// - Throws: `.unauthenticated`, without a word of what was presented; `.unavailable` if nobody can say now.
    func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal
}
