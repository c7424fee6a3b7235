import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// `/runtimes`: where services can be run.
struct RuntimeRoutes: Sendable {
    let list: ListRuntimes

    var routes: [Route] { [.get("/runtimes", .requires("runtime:list"), listRuntimes)] }

    private func listRuntimes(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let runtimes = await list().map { entry in
            var document = JSONObject([
                ("name", .string(entry.kind.rawValue)), ("available", .bool(entry.problem == nil)),
                ("keeps_replicas_inside", .bool(entry.kind.keepsReplicasInside)),
            ])
            document["reason"] = entry.problem.map(JSONValue.string)
            return JSONValue.object(document)
        }
        return .json(.ok, ["runtimes": .array(runtimes)])
    }

    static let operations = [
        APIOperation(
            .get, "/runtimes", .requires("runtime:list"), id: "listRuntimes",
            "Tell which runtimes can be used here and now, and why the others cannot.",
            responses: [
                .init(
                    .ok, "All runtimes.",
                    APISchema.object([("runtimes", APISchema.list(of: APISchema.reference("Runtime")))]))
            ])
    ]

    static let schemas: [(String, JSONValue)] = [
        (
            "Runtime",
            APISchema.object([
                ("name", ["type": "string", "enum": .array(RuntimeKind.allCases.map { .string($0.rawValue) })]),
                ("available", ["type": "boolean"]),
                (
                    "keeps_replicas_inside",
                    ["type": "boolean", "description": "One instance is a whole deployment, with the replicas inside."]
                ), ("reason", ["type": "string", "description": "Why it cannot be used."]),
            ])
        )
    ]
}
