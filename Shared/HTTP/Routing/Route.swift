/// Answers one kind of request. May throw `ServiceError`, which becomes a problem document in one place.
public typealias RouteHandler = @Sendable (HTTPRequest, RequestContext) async throws -> HTTPResponse

/// One line of a service's API: method, path, who may, and what answers.
public struct Route: Sendable {
    /// What a caller must be allowed to do. There is no default: a route without a thought about access does not
    /// compile.
    public enum Access: Hashable, Sendable {
        /// Anyone, without credentials: health, and what the sidecar asks an app.
        case open
        /// `resource:action`, as in `model:create`.
        case requires(String)
    }

    public let method: HTTPMethod
    public let pattern: PathPattern
    public let access: Access
    public let handler: RouteHandler
    /// Asked again and again by a machine, so that a log line for each success would hide the others.
    public private(set) var isPolled = false
    /// Changes nothing, though its method is one that changes: a dry run.
    public private(set) var isReading = false
    /// Also for who may do this only with what is theirs (`api_key:list_own`): the handler sees to it that they do.
    public private(set) var servesOwners = false

    public init(_ method: HTTPMethod, _ pattern: PathPattern, _ access: Access, _ handler: @escaping RouteHandler) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.handler = handler
    }
}

extension Route {
    public func polled() -> Self {
        var route = self
        route.isPolled = true
        return route
    }

    public func reading() -> Self {
        var route = self
        route.isReading = true
        return route
    }

    /// - SeeAlso: `servesOwners`
    public func servingOwners() -> Self {
        var route = self
        route.servesOwners = true
        return route
    }

    public static func get(_ pattern: PathPattern, _ access: Access, _ handler: @escaping RouteHandler) -> Self {
        Self(.get, pattern, access, handler)
    }

    public static func post(_ pattern: PathPattern, _ access: Access, _ handler: @escaping RouteHandler) -> Self {
        Self(.post, pattern, access, handler)
    }

    public static func put(_ pattern: PathPattern, _ access: Access, _ handler: @escaping RouteHandler) -> Self {
        Self(.put, pattern, access, handler)
    }

    public static func delete(_ pattern: PathPattern, _ access: Access, _ handler: @escaping RouteHandler) -> Self {
        Self(.delete, pattern, access, handler)
    }
}
