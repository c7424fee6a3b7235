import ControlPlane
import Domain
import HTTP
import ModelServingCore
import Persistence

/// The API of ModelServing: its routes and its document.
enum ModelServingAPI {
    static func routes(_ parts: ModelServingParts) -> [Route] {
        let find = FindModelService(repository: parts.repository)
        let available = AvailableRuntimes(parts.runtimes)
        let change = ChangeModelService(
            repository: parts.repository, runtimes: available, ambient: parts.ambient, wake: parts.wake)
        let usage = DaprUsageStore(parts.records)
        let document = ServiceDocument(gatewayURL: parts.gatewayURL, now: parts.ambient.now)
        let report = ServiceReport(usage: usage, document: document)
        let services = ModelServiceRoutes(
            create: CreateModelService(
                repository: parts.repository, runtimes: available, ambient: parts.ambient, wake: parts.wake),
            find: find, change: change,
            validate: ValidateModelService(
                repository: parts.repository, claims: parts.claims, runtimes: parts.runtimes),
            document: document, report: report, callersModels: parts.callersModels)
        let instances = InstanceRoutes(
            find: find, logs: InstanceLogs(find: find, runtimes: parts.runtimes), document: document,
            report: report)
        let tokens = TokenRoutes(
            tokens: EndpointTokens(
                change: change, find: find, mint: SecureTokenMint(secret: parts.adminKey),
                ambient: parts.ambient),
            document: document)
        let records = parts.records
        let table = RouteTableRoutes(
            read: { () async throws(ServiceError) in try await RouteTable.read(from: records) },
            shards: { known async throws(ServiceError) in try await RouteTable.shards(unlike: known, from: records) })
        return services.routes + instances.routes + tokens.routes + table.routes
            + RuntimeRoutes(list: ListRuntimes(parts.runtimes, missing: parts.missingRuntimes)).routes
            + UsageRoutes(store: usage, gateways: parts.gateways).routes + ConsistencyRoutes(parts.consistency).routes
    }

    static let document = APIDocument(
        title: "ModelServing", summary: "Model services: what is wanted, what runs, and who may use it.",
        operations: serviceOperations + instanceOperations + tokenOperations + routeOperations
            + RuntimeRoutes.operations + UsageRoutes.operations + ConsistencyRoutes.operations,
        schemas: schemas + EngineSchemas.schemas + RuntimeRoutes.schemas + ConsistencyRoutes.schemas)
}

/// What ModelServing's routes and its reconciliation are made of.
struct ModelServingParts: Sendable {
    let records: RecordStore
    let repository: any ModelServiceRepository
    let callersModels: CallersModels
    let claims: any ResourceClaims
    let runtimes: [any Runtime]
    /// Why the others are not there.
    var missingRuntimes: [RuntimeKind: String] = [:]
    let ambient: Ambient
    let policy: ReconciliationPolicy
    /// Of the gateway, without a slash at its end.
    let gatewayURL: String
    /// From which tokens for an Idempotency-Key are derived.
    let adminKey: String
    let wake: @Sendable (ModelServiceID) async -> Void

    var gateways: DaprGatewayBook { DaprGatewayBook(records: records, now: ambient.now) }

    var consistency: ServingConsistency {
        ServingConsistency(
            records: ServiceRecordsCheck(repository: DaprModelServiceRepository(records, policy: policy)),
            holdings: HoldingsCheck(
                repository: repository, claims: claims, runtimes: runtimes, ambient: ambient, wake: wake))
    }
}
