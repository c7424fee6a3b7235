import HTTP

/// Calls another app through the sidecar (`/v1.0/invoke/{app-id}/method/{path}`).
public protocol ServiceInvoker: Sendable {
    /// `request.target` is the callee's path and query. The sidecar cleans paths (`a%2Fb` arrives as `a/b`), so no
    /// segment may hold a slash.
    ///
    /// An answer of the callee, whatever its status, is returned; what the sidecar itself says is thrown.
    func invoke(
        _ appID: String, _ request: HTTPRequest, deadline: Duration
    ) async throws(DaprError) -> HTTPResponse
}
