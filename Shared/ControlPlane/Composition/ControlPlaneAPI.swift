import Audit
import Authentication
import Domain
import HTTP
import Observability

/// What one service puts into a control-plane server: its routes, and the document that tells of them.
public struct ControlPlaneAPI: Sendable {
    public let routes: [Route]
    public let document: APIDocument

    public init(routes: [Route], document: APIDocument) {
        self.routes = routes
        self.document = document
    }
}

extension ControlPlaneResponder {
    /// A server's whole answer: the service's API, and what every control-plane server has besides.
    /// - Parameters:
    ///   - appToken: `APP_API_TOKEN`, if the sidecar has one.
    ///   - mintKey: makes the API key of an id, and for the same `Idempotency-Key` the same one.
    public init(
        _ api: ControlPlaneAPI, access: AccessControl, audit: AuditLog? = nil, readiness: Readiness, appToken: String?,
        metrics: MetricsRegistry, logger: Logger, now: @escaping @Sendable () -> Timestamp,
        makeID: @escaping @Sendable () -> UUIDv7, mintKey: @escaping @Sendable (UUIDv7, IdempotencyKey?) -> APIKey
    ) {
        let routes =
            api.routes + AccessRoutes(access.authority, now: now, makeID: makeID).routes
            + APIKeyRoutes(authority: access.authority, now: now, makeID: makeID, mint: mintKey).routes
            + OperationRoutes(readiness: readiness, metrics: metrics).routes
            + SidecarRoutes(token: appToken).routes + DocumentationRoutes(document: api.document).routes
        self.init(routes, access: access, audit: audit, metrics: metrics, logger: logger, makeID: makeID)
    }
}
