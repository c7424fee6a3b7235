import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// What a service consists of, what happened to it, and what its engines print.
struct InstanceRoutes: Sendable {
    let find: FindModelService
    let logs: InstanceLogs
    let document: ServiceDocument
    let report: ServiceReport

    var routes: [Route] {
        [
            .get("/model_services/{id}/instances", .requires("model_service:get"), list),
            .get("/model_services/{id}/instances/{instance_id}", .requires("model_service:get"), get),
            .get("/model_services/{id}/events", .requires("model_service:get"), events),
            .get("/model_services/{id}/logs", .requires("model_service:get"), log),
        ]
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let service = try await find(context.parameters["id"])
        let usage = try await report.usage(of: [service])
        return .json(.ok, ["instances": .array(service.instances.map { document.json($0, of: service, usage) })])
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let service = try await find(context.parameters["id"])
        let id: ModelServiceInstanceID = try context.parameters.identifier("instance_id")
        guard let instance = service[instance: id] else {
            throw ServiceError.notFound(kind: "instance", id: id.description)
        }
        return .json(.ok, document.json(instance, of: service, try await report.usage(of: [service])))
    }

    private func events(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let service = try await find(context.parameters["id"])
        return .json(.ok, ["events": .array(service.events.map(document.json))])
    }

    private func log(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let query = try QueryParameters(request, known: ["lines"])
        let lines = try query.integer("lines", in: InstanceLogs.lineRange, default: InstanceLogs.defaultLines)
        let found = try await logs(context.parameters["id"], lines: lines)
        return .json(
            .ok,
            [
                "logs": .array(
                    found.map { log in
                        [
                            "instance_id": .string(log.instanceID.description),
                            "lines": .array(log.lines.map(JSONValue.string)),
                        ]
                    })
            ])
    }
}
