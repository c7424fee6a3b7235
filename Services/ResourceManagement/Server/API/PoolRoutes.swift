import ControlPlane
import Domain
import HTTP
import JSON
import ResourceManagementCore

/// `/resource_pools`: what there is.
struct PoolRoutes: Sendable {
    let registry: ResourceRegistry

    var routes: [Route] {
        [
            .post("/resource_pools", .requires("resource_pool:create"), create),
            .get("/resource_pools", .requires("resource_pool:list"), list),
            .get("/resource_pools/{pool_id}", .requires("resource_pool:get"), get),
            .put("/resource_pools/{pool_id}", .requires("resource_pool:update"), update),
            .delete("/resource_pools/{pool_id}", .requires("resource_pool:delete"), delete),
        ]
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let body = try await request.json()
        let document = try PoolDocument(body)
        let key = try request.idempotencyKey(context, body: body)
        let id = try await registry.create(document.type, document.details, once: key)
        return .json(.created, ["id": .string(id.description)], fields: ["Location": "/resource_pools/\(id)"])
            .withETag(1)
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request, filters: ["name", "resource_type"])
        let name = try parameters["name"].map { text throws(ServiceError) in try EntityName(text, field: "name") }
        let type = try parameters["resource_type"].map { text throws(ServiceError) -> ResourceType in
            guard let type = ResourceType(rawValue: text) else {
                throw .invalid("resource_type", "must be one of \(ResourceType.names)")
            }
            return type
        }
        let page = try await registry.pools(parameters.page, named: name, ofType: type) { id in
            context.rights.may("resource_pool:get", "resource_pools/\(id)")
        }
        return parameters.response(page, as: "resource_pools", json)
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let pool = try await registry.pool(try context.parameters.identifier("pool_id"))
        return .json(.ok, json(pool)).withETag(pool.generation)
    }

    private func update(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ResourcePoolID = try context.parameters.identifier("pool_id")
        let document = try PoolDocument(try await request.json())
        let pool = try await registry.update(id, document.type, document.details, if: try request.precondition())
        return .json(.ok, json(pool)).withETag(pool.generation)
    }

    private func delete(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ResourcePoolID = try context.parameters.identifier("pool_id")
        try await registry.delete(id, if: try request.precondition())
        return HTTPResponse(.noContent)
    }

    private func json(_ pool: ResourcePool) -> JSONValue {
        let labels = pool.details.labels.sorted { $0.key < $1.key }
        var document = JSONObject([
            ("id", .string(pool.id.description)), ("name", .string(pool.details.name.description)),
            ("resource_type", .string(pool.type.rawValue)),
            ("total_capacity", .integer(pool.details.totalCapacity)),
            ("available_capacity", .integer(pool.availableCapacity)),
        ])
        document["location"] = pool.details.location.map(JSONValue.string)
        document["resource_group"] = pool.details.resourceGroup.map(JSONValue.string)
        document["labels"] = .object(JSONObject(labels.map { ($0.key, .string($0.value)) }))
        document["created_at"] = .string(pool.createdAt.description)
        document["updated_at"] = .string(pool.updatedAt.description)
        return .object(document)
    }
}

/// The body of `POST /resource_pools` and `PUT /resource_pools/{pool_id}`.
private struct PoolDocument {
    let type: ResourceType
    let details: PoolDetails

    init(_ body: JSONValue) throws(ServiceError) {
        let fields = JSONFields(body)
        let name = fields.entityName("name")
        let type = fields.value("resource_type", maximumLength: 16, "must be one of \(ResourceType.names)") {
            ResourceType(rawValue: $0)
        }
        let total = fields.integer("total_capacity", in: 0...PoolLimits.maximumCapacity)
        let location = fields.optionalText("location", maximumLength: PoolLimits.maximumLocationBytes)
        let group = fields.optionalText("resource_group", maximumLength: PoolLimits.maximumResourceGroupBytes)
        let labels = fields.optionalLabels("labels") ?? [:]
        let (checkedName, checkedType) = try fields.validated(name, type)
        self.type = checkedType
        details = PoolDetails(
            name: checkedName, totalCapacity: total, location: location, resourceGroup: group, labels: labels)
    }
}

extension ResourceType {
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
