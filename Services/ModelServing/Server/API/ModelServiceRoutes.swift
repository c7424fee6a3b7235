import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// `/model_services`: what is wanted, and what has become of it.
struct ModelServiceRoutes: Sendable {
    let create: CreateModelService
    let find: FindModelService
    let change: ChangeModelService
    let validate: ValidateModelService
    let document: ServiceDocument
    let report: ServiceReport
    let callersModels: CallersModels

    var routes: [Route] {
        [
            .post("/model_services", .requires("model_service:create"), createService),
            .get("/model_services", .requires("model_service:list"), listServices),
            .post("/model_services:validate", .requires("model_service:create"), validateService).reading(),
            .get("/model_services/{id}", .requires("model_service:get"), getService),
            .put("/model_services/{id}", .requires("model_service:update"), updateService),
            .delete("/model_services/{id}", .requires("model_service:delete"), deleteService),
            .post("/model_services/{id}/retry", .requires("model_service:update"), retryService),
            .post("/model_services/{id}/rollback", .requires("model_service:update"), rollBackService),
        ]
    }

    private func createService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let body = try await request.json()
        let wanted = ServiceRequest(body, for: .creation)
        try wanted.validate()
        guard let name = wanted.name, let configuration = wanted.configuration else {
            throw ServiceError.invalid("", "must hold name and model_id")
        }
        let receipt = try await create(
            name, configuration, owner: wanted.ownerID, by: context.rights, from: callersModels(request),
            once: try request.idempotencyKey(context, body: body))
        if let owner = wanted.ownerID { context.notes.add("owner_id \(owner)") }
        return .json(
            .accepted,
            [
                "id": .string(receipt.id.description),
                "instance_ids": .array(receipt.instanceIDs.map { .string($0.description) }),
            ], fields: ["Location": "/model_services/\(receipt.id)"]
        ).withETag(1)
    }

    private func listServices(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request, filters: ["name"])
        let name = try parameters["name"].map { text throws(ServiceError) -> ServiceName in
            guard let name = ServiceName(text) else {
                throw .invalid("name", ServiceName.problem(in: text) ?? "is not a name")
            }
            return name
        }
        let page = try await find.list(parameters.page, named: name, for: context.rights)
        let usage = try await report.usage(of: page.elements)
        return parameters.response(page, as: "model_services") { document.json($0, usage) }
    }

    private func validateService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let wanted = ServiceRequest(try await request.json(), for: .creation)
        let problems =
            wanted.problems
            + (try await validate(
                name: wanted.name, wanted.configuration, from: callersModels(request))).filter { problem in
                !wanted.problems.contains { $0.field == problem.field }
            }
        return .json(
            .ok, ["valid": .bool(problems.isEmpty), "problems": .array(problems.map(document.json))])
    }

    private func getService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let service = try await find(context.parameters["id"])
        return .json(.ok, try await report.detailed(service)).withETag(service.generation)
    }

    private func updateService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let wanted = ServiceRequest(try await request.json(), for: .update)
        try wanted.validate()
        if let name = wanted.name, name != (try await find(context.parameters["id"])).name {
            throw ServiceError.invalid("/name", "cannot be changed; create another service with that name")
        }
        let service = try await change.update(
            context.parameters["id"], try request.precondition(), wanted.change, owner: wanted.ownerID,
            by: context.rights, from: callersModels(request))
        if let owner = wanted.ownerID { context.notes.add("owner_id \(owner)") }
        return .json(.ok, try await report.detailed(service)).withETag(service.generation)
    }

    private func deleteService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let service = try await change.delete(context.parameters["id"], try request.precondition())
        return .json(
            .accepted, ["id": .string(service.id.description), "status": .string(service.status.rawValue)])
    }

    private func retryService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        _ = try await request.optionalObject().validate()
        let service = try await change.retry(context.parameters["id"])
        return .json(.accepted, try await report.detailed(service)).withETag(service.generation)
    }

    private func rollBackService(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let fields = try await request.optionalObject()
        let revision = fields.optionalInteger("revision", in: 1...Int64(Int32.max)).map { Int($0) }
        try fields.validate()
        let service = try await change.rollBack(
            context.parameters["id"], try request.precondition(), to: revision)
        return .json(.accepted, try await report.detailed(service)).withETag(service.generation)
    }
}

extension HTTPRequest {
    /// The body's fields, for routes that can do without a body.
    func optionalObject() async throws(ServiceError) -> JSONFields {
        if body.length == 0 { return JSONFields([:]) }
        return JSONFields(try await json())
    }
}
