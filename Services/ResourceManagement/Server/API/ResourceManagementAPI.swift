import ControlPlane
import Domain
import HTTP
import JSON
import ResourceManagementCore

/// The API of ResourceManagement: its routes and its document.
enum ResourceManagementAPI {
    static func routes(_ registry: ResourceRegistry, _ check: any ConsistencyCheck) -> [Route] {
        PoolRoutes(registry: registry).routes + AllocationRoutes(registry: registry).routes
            + ClaimRoutes(registry: registry).routes + ConsistencyRoutes(check).routes
    }

    static let document = APIDocument(
        title: "ResourceManagement", summary: "Pools of capacity, and who holds how much of them.",
        operations: poolOperations + allocationOperations + claimOperations + ConsistencyRoutes.operations,
        schemas: schemas + ConsistencyRoutes.schemas)
}
