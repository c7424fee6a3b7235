import Domain
import Observability

/// What is known about a request besides its bytes. Lives as long as the request.
public struct RequestContext: Sendable {
    /// Unique to this request; goes out as `X-Request-Id`.
    public var requestID: String
    public var trace: TraceContext
    /// Nil until authentication has run, and on open routes.
    public var principal: Principal?
    /// What the caller may do besides what the route does; nothing until authentication has run.
    public var rights = CallerRights.none
    /// How access was decided, or is about to be; nil on open routes.
    public var access: AccessTrace?
    public let notes = ChangeNotes()
    /// The pattern of the route that matched (`/models/{model_id}`), for metrics and logs; nil while none has.
    public var route: String?
    /// As the route says.
    public var isPolled = false
    /// The values of the route's `{parameters}`, percent-decoded.
    public var parameters: PathParameters

    public init(requestID: String, trace: TraceContext, principal: Principal? = nil) {
        self.requestID = requestID
        self.trace = trace
        self.principal = principal
        parameters = PathParameters([:])
    }
}

/// The values of a route's `{parameters}`.
public struct PathParameters: Hashable, Sendable {
    private let values: [String: String]

    public init(_ values: [String: String]) { self.values = values }

    /// Empty if the pattern has no such parameter, which is a fault of the routes file that its first test shows.
    public subscript(name: String) -> String { values[name] ?? "" }
}
