import Cryptography
import Domain
import HTTP

/// Where `APP_API_TOKEN` is set, the sidecar sends it with every call of its own; the routes that only the sidecar
/// asks for answer nobody else then.
public struct AppTokenMiddleware: Middleware {
    private let token: String?

    public init(token: String?) { self.token = token }

    public func handle(
        _ request: HTTPRequest, _ context: RequestContext, next: RouteHandler
    ) async throws -> HTTPResponse {
        guard let token else { return try await next(request, context) }
        let presented = request.fields.values("dapr-api-token")
        guard presented.count == 1, constantTimeEquals(presented[0], token) else {
            throw ServiceError.unauthenticated("Only the sidecar may ask for this.")
        }
        return try await next(request, context)
    }
}

extension Route {
    /// The route with a middleware around its handler.
    func behind(_ middleware: any Middleware) -> Route {
        let handler = handler
        return Route(method, pattern, access) { request, context in
            try await middleware.handle(request, context, next: handler)
        }
    }
}
