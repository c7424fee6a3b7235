import ControlPlane
import Domain
import HTTP
import JSON
import ResourceManagementCore

/// `/resource_pools/{pool_id}/allocations`: who holds what of one pool.
struct AllocationRoutes: Sendable {
    let registry: ResourceRegistry

    var routes: [Route] {
        [
            .post("/resource_pools/{pool_id}/allocations", .requires("resource_allocation:create"), create),
            .get("/resource_pools/{pool_id}/allocations", .requires("resource_allocation:list"), list),
            .get("/resource_pools/{pool_id}/allocations/{allocation_id}", .requires("resource_allocation:get"), get),
            .delete(
                "/resource_pools/{pool_id}/allocations/{allocation_id}", .requires("resource_allocation:delete"),
                delete),
        ]
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let pool: ResourcePoolID = try context.parameters.identifier("pool_id")
        let body = try await request.json()
        let document = try AllocationDocument(body)
        let id = try await registry.allocate(
            document.capacity, of: pool, service: document.serviceID, instance: document.instanceID,
            once: try request.idempotencyKey(context, body: body))
        return .json(
            .created, ["id": .string(id.description)],
            fields: ["Location": "/resource_pools/\(pool)/allocations/\(id)"])
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let pool: ResourcePoolID = try context.parameters.identifier("pool_id")
        let parameters = try PageParameters(request)
        let page = try await registry.allocations(of: pool, parameters.page) { id in
            context.rights.may("resource_allocation:get", "resource_pools/\(pool)/allocations/\(id)")
        }
        return parameters.response(page, as: "allocations", json)
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let pool: ResourcePoolID = try context.parameters.identifier("pool_id")
        let id: ResourceAllocationID = try context.parameters.identifier("allocation_id")
        return .json(.ok, json(try await registry.allocation(id, of: pool)))
    }

    private func delete(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let pool: ResourcePoolID = try context.parameters.identifier("pool_id")
        let id: ResourceAllocationID = try context.parameters.identifier("allocation_id")
        try await registry.deallocate(id, of: pool)
        return HTTPResponse(.noContent)
    }

    private func json(_ allocation: ResourceAllocation) -> JSONValue {
        var document = JSONObject([
            ("id", .string(allocation.id.description)),
            ("resource_pool_id", .string(allocation.poolID.description)),
            ("service_id", .string(allocation.serviceID.description)),
            ("instance_id", .string(allocation.instanceID.description)),
        ])
        document["claim_id"] = allocation.claimID.map { .string($0.description) }
        document["allocated_capacity"] = .integer(allocation.capacity)
        document["created_at"] = .string(allocation.createdAt.description)
        // An allocation is made and given back, and never changed in between.
        document["updated_at"] = .string(allocation.createdAt.description)
        return .object(document)
    }
}

/// The body of `POST /resource_pools/{pool_id}/allocations`.
private struct AllocationDocument {
    let serviceID: ModelServiceID
    let instanceID: ModelServiceInstanceID
    let capacity: Int64

    init(_ body: JSONValue) throws(ServiceError) {
        let fields = JSONFields(body)
        let service = fields.identifier("service_id", ModelServiceKind.self)
        let instance = fields.identifier("instance_id", ModelServiceInstanceKind.self)
        capacity = fields.integer("allocated_capacity", in: 1...PoolLimits.maximumCapacity)
        (serviceID, instanceID) = try fields.validated(service, instance)
    }
}
