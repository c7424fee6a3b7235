import Authentication
import ControlPlane
import Dapr
import Domain
import HTTP
import InferenceGatewayCore
import JSON
import ModelManagementCore
import ModelServingCore
import Persistence
import ResourceManagementCore
import TestSupport

@testable import InferenceGateway
@testable import ModelManagement
@testable import ModelServing
@testable import ResourceManagement

/// Every server with an API, as far as its API is concerned: nothing behind it works.
enum PublishedServer: String, CaseIterable, Sendable {
    case modelManagement = "ModelManagement"
    case resourceManagement = "ResourceManagement"
    case modelServing = "ModelServing"
    case inferenceGateway = "InferenceGateway"

    static let adminKey = InProcessServer.adminKey

    /// Of its document, from the repository's root.
    var documentPath: String {
        switch self {
        case .modelManagement: "docs/openapi/model-management.json"
        case .resourceManagement: "docs/openapi/resource-management.json"
        case .modelServing: "docs/openapi/model-serving.json"
        case .inferenceGateway: "docs/openapi/inference-gateway.json"
        }
    }

    var readmePath: String { "Services/\(rawValue)/README.md" }

    /// As the code says it.
    var document: JSONValue {
        switch self {
        case .modelManagement: ModelManagementAPI.document.json
        case .resourceManagement: ResourceManagementAPI.document.json
        case .modelServing: ModelServingAPI.document.json
        case .inferenceGateway: APIDocument.json
        }
    }

    /// What answers, and the routes by which it does; the gateway's data listener has no table of routes.
    func server(
        tokens: JWTAuthentication? = nil, appToken: String? = nil
    ) throws -> (responder: any HTTPResponder, routes: [Route]) {
        let store = InMemoryStateStore(now: { Timestamp(millisecondsSinceEpoch: 0) })
        let records = RecordStore(store)
        let ids = IdentifierSource()
        let now = { @Sendable in Timestamp(millisecondsSinceEpoch: 0) }
        let routes: [Route]
        switch self {
        case .modelManagement:
            routes = ModelManagementAPI.routes(
                ModelRegistry(repository: DaprModelRepository(records), now: now, makeID: ids.next),
                ModelCheck(records, now: now))
        case .resourceManagement:
            routes = ResourceManagementAPI.routes(
                ResourceRegistry(
                    repository: DaprResourceRepository(records, now: now, makeID: ids.next), now: now,
                    makeID: ids.next), LedgerCheck(records))
        case .modelServing: routes = ModelServingAPI.routes(Self.servingParts(records, now, ids))
        case .inferenceGateway:
            let freshness = RouteFreshness()
            let admin = AdminResponder(
                key: try PresharedKey(Self.adminKey, of: .admin),
                metrics: GatewayMetrics(
                    routes: CurrentRoutes(), refusals: RefusalMeter(), freshness: freshness,
                    usage: UsageStatus(), now: now),
                freshness: freshness, now: now)
            return (admin, admin.routes)
        }
        let api = ControlPlaneAPI(routes: routes, document: ModelManagementAPI.document)
        let responder = try InProcessServer(api, store: store, appToken: appToken, tokens: tokens).responder
        return (responder, responder.router.routes)
    }
}

extension PublishedServer {
    private static func servingParts(
        _ records: RecordStore, _ now: @escaping @Sendable () -> Timestamp, _ ids: IdentifierSource
    ) -> ModelServingParts {
        let policy = ReconciliationPolicy()
        let neighbour = Neighbour(
            appID: "nobody", invoker: NobodyThere(), unavailable: .modelCatalogUnavailable)
        return ModelServingParts(
            records: records, repository: DaprModelServiceRepository(records, policy: policy),
            callersModels: CallersModels(neighbour: neighbour), claims: DaprResourceClaims(neighbour: neighbour),
            runtimes: [], ambient: Ambient(now: now, random: { ids.next().low }), policy: policy,
            gatewayURL: "http://127.0.0.1:8088", adminKey: InProcessServer.adminKey, wake: { _ in })
    }
}

private struct NobodyThere: ServiceInvoker {
    func invoke(
        _ appID: String, _ request: HTTPRequest, deadline: Duration
    ) async throws(DaprError) -> HTTPResponse { throw .sidecarUnavailable("there is none") }
}
