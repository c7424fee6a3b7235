import Access
import Configuration
import Dapr
import Domain
import HTTP
import HTTPClient
import Lifecycle
import Observability
import Persistence

/// What a control-plane process has when its service is put together.
public struct ControlPlaneParts: Sendable {
    public let configuration: Configuration
    public let logger: Logger
    public let metrics: MetricsRegistry
    public let sidecar: DaprClient
    public let records: RecordStore
    /// Who may do what, as all services know it.
    public let access: AccessAuthority
    /// For calls that do not go through the sidecar.
    public let transport: any HTTPTransport
    /// For those whose authorities and credentials are their own.
    public let secureTransport: CurlClient
    public let now: @Sendable () -> Timestamp
    public let makeID: @Sendable () -> UUIDv7
}

/// A service, put together.
public struct ControlPlaneAssembly: Sendable {
    public let api: ControlPlaneAPI
    /// What runs beside the server; it ends after the server has answered its last request.
    public let tasks: [any BackgroundTask]
    /// What the service needs besides sidecar and state store.
    public let checks: [ReadinessCheck]
    /// Who owns the things of its collections.
    public let owners: [String: any OwnerLookup]

    public init(
        _ api: ControlPlaneAPI, tasks: [any BackgroundTask] = [], checks: [ReadinessCheck] = [],
        owners: [String: any OwnerLookup] = [:]
    ) {
        self.api = api
        self.tasks = tasks
        self.checks = checks
        self.owners = owners
    }
}
