import ControlPlane
import Domain
import ModelManagementCore

/// Whose models are.
struct ModelOwners: OwnerLookup {
    let registry: ModelRegistry

    func find(_ id: String) async throws(ServiceError) -> OwnedThing? {
        guard let id = ModelID(id) else { throw .invalid("model_id", "must be a UUID") }
        do throws(ServiceError) {
            return OwnedThing(id: id.description, ownerID: try await registry.model(id).details.ownerID)
        } catch {
            guard case .notFound = error else { throw error }
            return nil
        }
    }

    func absence(of id: String) -> ServiceError {
        .notFound(kind: "model", id: ModelID(id)?.description ?? id)
    }
}
