import Domain
import HTTP

/// Decides what a principal may do.
public protocol PermissionPolicy: Sendable {
    /// - Parameter permission: `resource:action`, as the route names it.
    /// - Throws: `.permissionDenied`.
    func require(
        _ permission: String, of principal: Principal, for context: RequestContext
    ) async throws(ServiceError)
}

/// The admin and the services may do everything, anybody else nothing.
public struct AdminOnlyPolicy: PermissionPolicy {
    public init() {}

    public func require(
        _ permission: String, of principal: Principal, for context: RequestContext
    ) async throws(ServiceError) {
        guard principal == .admin || [.appToken, .gatewayKey].contains(principal.credential) else {
            throw .permissionDenied("\(principal.subject) has no permission \(permission).")
        }
    }
}
