import Dapr
import Domain
import HTTP
import ModelServingCore
import Observability
import TestSupport
import Testing

@testable import ModelServing

struct NeighbourTests {
    let neighbours = ScriptedNeighbours()
    static let instance = ModelServiceInstanceID(UUIDv7(high: 1, low: 2))

    struct Row: Sendable, CustomTestStringConvertible {
        let answer: Result<HTTPResponse, DaprError>
        let reason: FailureReason
        var testDescription: String { "\(reason)" }
    }

    @Test(arguments: [
        Row(answer: .success(ScriptedNeighbours.problem(404, "not_found", "no model")), reason: .modelNotFound),
        Row(answer: .success(ScriptedNeighbours.problem(400, "invalid_request", "bad")), reason: .modelNotFound),
        Row(answer: .success(ScriptedNeighbours.problem(403, "permission_denied", "no")), reason: .modelNotReadable),
        Row(
            answer: .success(ScriptedNeighbours.problem(401, "unauthenticated", "no")), reason: .modelCatalogUnavailable
        ),
        Row(answer: .success(ScriptedNeighbours.problem(503, "x", "later")), reason: .modelCatalogUnavailable),
        Row(answer: .success(HTTPResponse(.ok, body: HTTPBody("{}"))), reason: .modelCatalogUnavailable),
        Row(answer: .success(HTTPResponse(418)), reason: .modelCatalogUnavailable),
        Row(answer: .failure(.appUnavailable(appID: "a", "b")), reason: .modelCatalogUnavailable),
        Row(answer: .failure(.sidecarUnavailable("x")), reason: .modelCatalogUnavailable),
        Row(answer: .failure(.deadlineExceeded("x")), reason: .modelCatalogUnavailable),
    ])
    func tellsWhyAModelIsNotResolved(row: Row) async throws {
        neighbours.answer("model-management", row.answer)
        let catalog = DaprModelCatalog(neighbour: neighbour("model-management", .modelCatalogUnavailable))
        await #expect { try await catalog.resolve(ModelID(UUIDv7(high: 1, low: 1)), .latest) } throws: {
            ($0 as? Failure)?.reason == row.reason
        }
    }

    @Test func asksForAUserOnlyWithWhatTheUserSent() async throws {
        var own = neighbour("model-management", .modelCatalogUnavailable)
        own.authorization = "Bearer the-key-of-this-service"
        let models = CallersModels(neighbour: own)
        let id = ModelID(UUIDv7(high: 1, low: 1))
        // As other services send it, for which their sidecar vouches.
        await #expect { try await models(HTTPRequest(.post, "/model_services")).resolve(id, .latest) } throws: {
            ($0 as? Failure)?.reason == .modelNotReadable
        }
        #expect(neighbours.calls.isEmpty)
        let request = HTTPRequest(.post, "/model_services", fields: ["Authorization": "Bearer the-users"])
        _ = try await models(request).resolve(id, .latest)
        #expect(neighbours.calls.map(\.authorization) == ["Bearer the-users"])
    }

    @Test func readsWhatAVersionIs() async throws {
        let catalog = DaprModelCatalog(neighbour: neighbour("model-management", .modelCatalogUnavailable))
        let id = ModelID(UUIDv7(high: 1, low: 1))
        let model = try await catalog.resolve(id, .latest)
        #expect(model.modelID == id && model.version == 3 && model.sizeBytes == 7 && model.definition == "models: []")
        #expect(neighbours.calls.map(\.target) == ["/models/\(id)/versions/latest"])
    }

    @Test func handsTheTraceOn() async throws {
        let catalog = DaprModelCatalog(neighbour: neighbour("model-management", .modelCatalogUnavailable))
        var generator = SeededGenerator(seed: 1)
        let trace = TraceContext(using: &generator)
        _ = try await TraceContext.$current.withValue(trace) {
            try await catalog.resolve(ModelID(UUIDv7(high: 1, low: 1)), .latest)
        }
        let sent = try #require(neighbours.calls.first?.trace.flatMap { TraceContext(traceparent: $0) })
        #expect(sent.traceID == trace.traceID && sent.span != trace.span)
    }

    @Test(arguments: [
        Row(
            answer: .success(ScriptedNeighbours.problem(409, "claim_differs", "other contents")),
            reason: .claimRefused),
        Row(answer: .success(ScriptedNeighbours.problem(400, "invalid_request", "bad")), reason: .claimRefused),
        Row(
            answer: .success(ScriptedNeighbours.problem(500, "internal", "oops")),
            reason: .resourceManagementUnavailable),
        Row(answer: .failure(.appUnavailable(appID: "a", "b")), reason: .resourceManagementUnavailable),
    ])
    func tellsWhyAClaimIsNotGranted(row: Row) async throws {
        neighbours.answer("resource-management", row.answer)
        await #expect { try await claims.claim(claim(500)) } throws: { ($0 as? Failure)?.reason == row.reason }
    }

    @Test func tellsWhatMayBecomeFreeFromWhatNeverWill() async throws {
        try await claims.claim(claim(3000))
        try await claims.claim(claim(3000))
        let other = ResourceClaim(
            serviceID: ModelServiceID(UUIDv7(high: 3, low: 3)),
            id: ClaimID(ModelServiceInstanceID(UUIDv7(high: 1, low: 9))),
            requirements: ResourceRequirements(cpuMillicores: 3000))
        await #expect { try await claims.claim(other) } throws: {
            ($0 as? Failure)?.reason == .insufficientCapacity
        }
        await #expect { try await claims.claim(claim(5000)) } throws: {
            ($0 as? Failure)?.reason == .capacityExceeded
        }
        #expect(try await claims.shortfall(claim(500).requirements, from: PoolSelector()) == nil)
        let missing = try await claims.shortfall(
            ResourceRequirements(gpuDevices: 1), from: PoolSelector())
        #expect(missing == "there is no pool of GPU that may be used")
        #expect(try await claims.shortfall(claim(500).requirements, from: PoolSelector(resourceGroup: "x")) != nil)
        try await claims.release(ClaimID(Self.instance))
        try await claims.release(ClaimID(Self.instance))
        #expect(neighbours.held.isEmpty)
    }

    private var claims: DaprResourceClaims {
        DaprResourceClaims(neighbour: neighbour("resource-management", .resourceManagementUnavailable))
    }

    private func neighbour(_ app: String, _ reason: FailureReason) -> Neighbour {
        Neighbour(appID: app, invoker: neighbours, unavailable: reason)
    }

    private func claim(_ millicores: Int64) -> ResourceClaim {
        ResourceClaim(
            serviceID: ModelServiceID(UUIDv7(high: 3, low: 3)), id: ClaimID(Self.instance),
            requirements: ResourceRequirements(cpuMillicores: millicores))
    }
}
