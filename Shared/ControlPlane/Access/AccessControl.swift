import Domain
import HTTP

/// Lets nobody past who is not known, or may not do what the route says it does.
public struct AccessControl: Sendable {
    private let authenticator: any Authenticator
    private let policy: any PermissionPolicy

    public init(authenticator: any Authenticator, policy: any PermissionPolicy = AdminOnlyPolicy()) {
        self.authenticator = authenticator
        self.policy = policy
    }

    /// Sets the context's principal, unless the route is open.
    /// - Throws: `.unauthenticated`, `.permissionDenied`.
    func admit(
        _ request: HTTPRequest, to access: Route.Access, _ context: inout RequestContext
    ) async throws(ServiceError) {
        switch access {
        case .open: return
        case .requires(let permission):
            context.access = AccessTrace(action: permission, object: String(request.path.dropFirst()))
            let principal = try await authenticator.principal(of: request)
            context.principal = principal
            try await policy.require(permission, of: principal, for: context)
            // Nobody but the admin gets this far.
            context.rights = CallerRights(of: principal.subject) { _, _ in true }
        }
    }
}
