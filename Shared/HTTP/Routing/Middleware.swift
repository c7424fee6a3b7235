/// Something that happens around every request: before it, after it, or instead of it.
public protocol Middleware: Sendable {
    /// Calls `next` at most once. May throw `ServiceError`.
    func handle(
        _ request: HTTPRequest, _ context: RequestContext, next: RouteHandler
    ) async throws -> HTTPResponse
}
