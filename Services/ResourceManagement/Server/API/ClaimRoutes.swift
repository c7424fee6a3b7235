import ControlPlane
import Domain
import HTTP
import JSON
import ResourceManagementCore

/// `/resource_claims/{claim_id}`: all that an instance needs, or nothing.
struct ClaimRoutes: Sendable {
    /// Kinds of resources in one request at most, known or not.
    private static let maximumQuantities = 16

    let registry: ResourceRegistry

    var routes: [Route] {
        [
            .get("/resource_claims", .requires("resource_allocation:list"), list),
            .put("/resource_claims/{claim_id}", .requires("resource_allocation:create"), claim),
            .get("/resource_claims/{claim_id}", .requires("resource_allocation:get"), get),
            .delete("/resource_claims/{claim_id}", .requires("resource_allocation:delete"), release),
        ]
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request)
        let page = try await registry.claims(parameters.page) { id in
            context.rights.may("resource_allocation:get", "resource_claims/\(id)")
        }
        return parameters.response(page, as: "resource_claims", json)
    }

    private func claim(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ResourceClaimID = try context.parameters.identifier("claim_id")
        let (claim, isNew) = try await registry.claim(try Self.request(id, try await request.json()))
        return .json(
            isNew ? .created : .ok, json(claim), fields: isNew ? ["Location": "/resource_claims/\(id)"] : [:])
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        return .json(.ok, json(try await registry.claim(try context.parameters.identifier("claim_id"))))
    }

    private func release(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ResourceClaimID = try context.parameters.identifier("claim_id")
        try await registry.release(id)
        return HTTPResponse(.noContent)
    }

    /// The fields of `Contracts.ResourceClaimRequest`.
    private static func request(_ id: ResourceClaimID, _ body: JSONValue) throws(ServiceError) -> ClaimRequest {
        let fields = JSONFields(body)
        let service = fields.identifier("service_id", ModelServiceKind.self)
        let instance = fields.identifier("instance_id", ModelServiceInstanceKind.self)
        let quantities = fields.optionalStrings(
            "resource_requirements", maximumCount: maximumQuantities, maximumLength: ResourceQuantity.maximumLength,
            acceptingNumbers: true)
        if quantities == nil, fields.optional("resource_requirements") == nil {
            fields.reject("resource_requirements", "is required; {} asks for nothing")
        }
        let group = fields.optionalText("resource_group", maximumLength: PoolLimits.maximumResourceGroupBytes)
        let location = fields.optionalText("location", maximumLength: PoolLimits.maximumLocationBytes)
        let labels = fields.optionalLabels("labels") ?? [:]
        let placement = fields.optionalChoice("placement", Placement.self) ?? .bestFit
        let (checkedService, checkedInstance, checkedQuantities) = try fields.validated(service, instance, quantities)
        return ClaimRequest(
            id: id, serviceID: checkedService, instanceID: checkedInstance,
            requirements: try ResourceRequirements.parse(checkedQuantities, path: "/resource_requirements"),
            pools: PoolSelector(resourceGroup: group, location: location, labels: labels), placement: placement)
    }

    /// The schema `ResourceClaim`.
    private func json(_ claim: ResourceClaim) -> JSONValue {
        let pieces = claim.pieces.map { piece -> JSONValue in
            [
                "id": .string(piece.id.description), "resource_pool_id": .string(piece.poolID.description),
                "resource_type": .string(piece.type.rawValue), "allocated_capacity": .integer(piece.capacity),
            ]
        }
        return [
            "id": .string(claim.id.description), "service_id": .string(claim.request.serviceID.description),
            "instance_id": .string(claim.request.instanceID.description), "allocations": .array(pieces),
            "created_at": .string(claim.createdAt.description),
        ]
    }
}
