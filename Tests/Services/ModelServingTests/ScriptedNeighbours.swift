import Dapr
import Domain
import HTTP
import JSON
import Synchronization

/// ModelManagement and ResourceManagement, as far as ModelServing talks to them.
final class ScriptedNeighbours: ServiceInvoker {
    struct Call: Sendable {
        let appID: String
        let method: HTTPMethod
        let target: String
        let authorization: String?
        let trace: String?
        let body: JSONValue
    }

    private struct State {
        var calls: [Call] = []
        /// Instead of the usual answer.
        var answers: [String: Result<HTTPResponse, DaprError>] = [:]
        var held: Set<String> = []
        var services: [String: String] = [:]
        var capacity: Int64 = 4000
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    var held: Set<String> { state.withLock { $0.held } }

    /// - Parameter app: whose answers are replaced.
    func answer(_ app: String, _ answer: Result<HTTPResponse, DaprError>?) {
        state.withLock { $0.answers[app] = answer }
    }

    static func problem(_ status: HTTPStatus, _ code: String, _ detail: String) -> HTTPResponse {
        .json(status, ["code": .string(code), "detail": .string(detail), "status": .integer(Int64(status.code))])
    }

    func invoke(
        _ appID: String, _ request: HTTPRequest, deadline: Duration
    ) async throws(DaprError) -> HTTPResponse {
        let bytes = (try? await request.body.collect(limitBytes: 1 << 20)) ?? []
        let body = (try? JSONParser.parse(bytes)) ?? .null
        let scripted = state.withLock { state in
            state.calls.append(
                Call(
                    appID: appID, method: request.method, target: request.target,
                    authorization: request.fields["Authorization"], trace: request.fields["traceparent"], body: body))
            return state.answers[appID]
        }
        if let scripted { return try scripted.get() }
        return appID == "model-management" ? models(request) : resources(request, body)
    }

    private func models(_ request: HTTPRequest) -> HTTPResponse {
        let parts = request.target.split(separator: "/").map(String.init)
        let version = parts.last == "latest" ? 3 : parts.last.flatMap { Int64($0) }
        // Some versions are gone as soon as somebody has asked for a service of them.
        let isAskedForAUser = request.fields["Authorization"] != nil
        guard let version, version <= (isAskedForAUser ? 20 : 9) else {
            return Self.problem(404, "not_found", "There is no such version.")
        }
        return .json(
            .ok,
            [
                "model_id": .string(parts[1]), "version": .integer(version), "model_file_url": "file:///models/a.gguf",
                "sha256": .string(String(repeating: "ab", count: 32)), "size_bytes": 7, "format": "gguf",
                "model_definition": "models: []", "state": "ready", "created_at": "2026-11-21T08:05:11.042Z",
            ])
    }

    private func claims() -> HTTPResponse {
        let claims = state.withLock { state in
            state.held.map { id -> JSONValue in
                ["id": .string(id), "instance_id": .string(id), "service_id": .string(state.services[id] ?? "")]
            }
        }
        return .json(.ok, ["resource_claims": .array(claims)])
    }

    private func resources(_ request: HTTPRequest, _ body: JSONValue) -> HTTPResponse {
        let id = request.target.split(separator: "/").last.map(String.init) ?? ""
        if request.path == "/resource_claims" { return claims() }
        switch (request.method, request.path.hasPrefix("/resource_claims/")) {
        case (.put, true):
            let wanted = body["resource_requirements"]?["cpu"]?.stringValue?.dropLast() ?? "0"
            let isGranted = state.withLock { state in
                guard (Int64(wanted) ?? 0) * Int64(state.held.union([id]).count) <= state.capacity else { return false }
                state.held.insert(id)
                state.services[id] = body["service_id"]?.stringValue
                return true
            }
            guard isGranted else { return Self.problem(409, "insufficient_capacity", "not enough") }
            return .json(.created, ["id": .string(id)])
        case (.delete, true):
            state.withLock { _ = $0.held.remove(id) }
            return HTTPResponse(.noContent)
        default:
            let capacity = state.withLock { $0.capacity }
            return .json(
                .ok,
                [
                    "resource_pools": [
                        [
                            "resource_type": "CPU", "total_capacity": .integer(capacity),
                            "available_capacity": .integer(capacity - Int64(held.count) * 500),
                        ]
                    ]
                ])
        }
    }
}
