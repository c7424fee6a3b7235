import ControlPlane
import Domain
import HTTP
import JSON
import ResourceManagementCore

extension ResourceManagementAPI {
    static let poolOperations: [APIOperation] = [
        APIOperation(
            .post, "/resource_pools", .requires("resource_pool:create"), id: "createResourcePool", "Add a pool.",
            parameters: [.idempotencyKey], request: APISchema.reference("ResourcePoolDetails"),
            responses: [.init(.created, "Added; Location says where it is.", created)]),
        APIOperation(
            .get, "/resource_pools", .requires("resource_pool:list"), id: "listResourcePools",
            "List pools in the order of their creation.",
            parameters: [
                .pageSize, .pageToken, .query("name", "Only the pool with this name."),
                .query("resource_type", "Only pools of this type.", type),
            ],
            responses: [.init(.ok, "A page.", APISchema.page(of: "resource_pools", "ResourcePool"))]),
        APIOperation(
            .get, "/resource_pools/{pool_id}", .requires("resource_pool:get"), id: "getResourcePool", "A pool.",
            responses: [.init(.ok, "The pool; ETag is its generation.", APISchema.reference("ResourcePool"))]),
        APIOperation(
            .put, "/resource_pools/{pool_id}", .requires("resource_pool:update"), id: "updateResourcePool",
            "Replace what was said about a pool. Its type stays, and its total cannot be less than what is held.",
            parameters: [.ifMatch], request: APISchema.reference("ResourcePoolDetails"),
            responses: [.init(.ok, "The pool as it is now.", APISchema.reference("ResourcePool"))]),
        APIOperation(
            .delete, "/resource_pools/{pool_id}", .requires("resource_pool:delete"), id: "deleteResourcePool",
            "Delete a pool of which nothing is held.", parameters: [.ifMatch],
            responses: [.init(.noContent, "Deleted.")]),
    ]

    static let allocationOperations: [APIOperation] = [
        APIOperation(
            .post, "/resource_pools/{pool_id}/allocations", .requires("resource_allocation:create"),
            id: "createResourceAllocation", "Take a piece of a pool by itself, without a claim.",
            parameters: [.idempotencyKey],
            request: APISchema.object(holder + [capacity], required: ["service_id", "instance_id", capacity.0]),
            responses: [.init(.created, "Taken; Location says where it is.", created)]),
        APIOperation(
            .get, "/resource_pools/{pool_id}/allocations", .requires("resource_allocation:list"),
            id: "listResourceAllocations", "List what is held of a pool, in the order of creation.",
            parameters: [.pageSize, .pageToken],
            responses: [.init(.ok, "A page.", APISchema.page(of: "allocations", "ResourceAllocation"))]),
        APIOperation(
            .get, "/resource_pools/{pool_id}/allocations/{allocation_id}", .requires("resource_allocation:get"),
            id: "getResourceAllocation", "A piece that is held.",
            responses: [.init(.ok, "The piece.", APISchema.reference("ResourceAllocation"))]),
        APIOperation(
            .delete, "/resource_pools/{pool_id}/allocations/{allocation_id}",
            .requires("resource_allocation:delete"), id: "deleteResourceAllocation",
            "Give a piece back. One that is part of a claim goes with its claim.",
            responses: [.init(.noContent, "Given back.")]),
    ]

    static let claimOperations: [APIOperation] = [
        APIOperation(
            .get, "/resource_claims", .requires("resource_allocation:list"), id: "listResourceClaims",
            "List claims in the order of their ids.", parameters: [.pageSize, .pageToken],
            responses: [.init(.ok, "A page.", APISchema.page(of: "resource_claims", "ResourceClaim"))]),
        APIOperation(
            .put, "/resource_claims/{claim_id}", .requires("resource_allocation:create"), id: "claimResources",
            "Take everything that an instance needs, or nothing. The same id with the same contents is the same claim.",
            request: APISchema.reference("ResourceClaimRequest"),
            responses: [
                .init(.ok, "It was taken before.", APISchema.reference("ResourceClaim")),
                .init(.created, "Taken.", APISchema.reference("ResourceClaim")),
            ]),
        APIOperation(
            .get, "/resource_claims/{claim_id}", .requires("resource_allocation:get"), id: "getResourceClaim",
            "A claim.", responses: [.init(.ok, "The claim.", APISchema.reference("ResourceClaim"))]),
        APIOperation(
            .delete, "/resource_claims/{claim_id}", .requires("resource_allocation:delete"), id: "releaseResources",
            "Give everything back. Releasing what is released already succeeds.",
            responses: [.init(.noContent, "Released.")]),
    ]

    static let schemas: [(String, JSONValue)] = [
        (
            "ResourcePoolDetails",
            APISchema.object(details, required: ["name", "resource_type", "total_capacity"])
        ),
        (
            "ResourcePool",
            APISchema.object(
                [("id", APISchema.uuid)] + details + [
                    ("available_capacity", APISchema.count), ("created_at", APISchema.time),
                    ("updated_at", APISchema.time),
                ])
        ),
        (
            "ResourceAllocation",
            APISchema.object(
                [("id", APISchema.uuid), ("resource_pool_id", APISchema.uuid)] + holder + [
                    ("claim_id", APISchema.uuid), capacity, ("created_at", APISchema.time),
                    ("updated_at", APISchema.time),
                ])
        ),
        (
            "ResourceClaimRequest",
            APISchema.object(
                holder + [
                    ("resource_requirements", quantities), group, location,
                    (
                        "labels",
                        [
                            "type": "object", "additionalProperties": ["type": "string"],
                            "description": "Only pools that have all of these.",
                        ]
                    ),
                    (
                        "placement",
                        [
                            "type": "string", "enum": .array(Placement.allCases.map { .string($0.rawValue) }),
                            "default": .string(Placement.bestFit.rawValue),
                            "description": "The pool with the least left over, or with the largest part free.",
                        ]
                    ),
                ],
                required: ["service_id", "instance_id", "resource_requirements"])
        ),
        (
            "ResourceClaim",
            APISchema.object(
                [("id", APISchema.uuid)] + holder + [
                    (
                        "allocations",
                        APISchema.list(
                            of: APISchema.object([
                                ("id", APISchema.uuid), ("resource_pool_id", APISchema.uuid), ("resource_type", type),
                                capacity,
                            ]))
                    ), ("created_at", APISchema.time),
                ])
        ),
    ]

    private static let created = APISchema.object([("id", APISchema.uuid)])
    private static let type: JSONValue = [
        "type": "string", "enum": .array(ResourceType.allCases.map { .string($0.rawValue) }),
        "description": "GPU counts devices, CPU millicores, Memory MiB.",
    ]
    private static let holder: [(String, JSONValue)] = [
        ("service_id", APISchema.uuid), ("instance_id", APISchema.uuid),
    ]
    private static let capacity: (String, JSONValue) = (
        "allocated_capacity", ["type": "integer", "format": "int64", "minimum": 1]
    )
    private static let group = ("resource_group", APISchema.text(PoolLimits.maximumResourceGroupBytes))
    private static let location = ("location", APISchema.text(PoolLimits.maximumLocationBytes))
    private static let details: [(String, JSONValue)] = [
        ("name", APISchema.text(EntityName.maximumLength, "Unique. Lower-case letters, digits, '.', '_' and '-'.")),
        ("resource_type", type),
        (
            "total_capacity",
            ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(PoolLimits.maximumCapacity)]
        ),
        location, group, ("labels", ["type": "object", "additionalProperties": ["type": "string"]]),
    ]
    private static let quantities: JSONValue = [
        "type": "object", "description": "Kubernetes quantities: gpu 1, cpu \"500m\", memory \"512Mi\".",
        "properties": ["gpu": quantity, "cpu": quantity, "memory": quantity], "additionalProperties": false,
    ]
    private static let quantity: JSONValue = ["type": ["string", "number"]]
}
