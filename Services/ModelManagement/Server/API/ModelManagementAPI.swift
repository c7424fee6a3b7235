import ControlPlane
import Domain
import HTTP
import ModelManagementCore

/// The API of ModelManagement: its routes and its document.
enum ModelManagementAPI {
    static func routes(_ registry: ModelRegistry, _ check: any ConsistencyCheck) -> [Route] {
        ModelRoutes(registry: registry).routes + VersionRoutes(registry: registry).routes
            + ConsistencyRoutes(check).routes
    }

    static let document = APIDocument(
        title: "ModelManagement", summary: "The registry of machine-learning models, their versions and aliases.",
        operations: modelOperations + versionOperations + ConsistencyRoutes.operations,
        schemas: schemas + ConsistencyRoutes.schemas)
}
