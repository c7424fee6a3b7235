import ControlPlane
import Domain
import ModelServingCore

/// Whose model services are. An instance is its service.
struct ModelServiceOwners: OwnerLookup {
    let services: FindModelService

    /// By collection.
    static func lookups(_ parts: ModelServingParts) -> [String: any OwnerLookup] {
        ["model_services": Self(services: FindModelService(repository: parts.repository))]
    }

    func find(_ id: String) async throws(ServiceError) -> OwnedThing? {
        do throws(ServiceError) {
            let service = try await services(id)
            return OwnedThing(id: service.id.description, ownerID: service.ownerID)
        } catch {
            guard case .notFound = error else { throw error }
            return nil
        }
    }

    func absence(of id: String) -> ServiceError { .notFound(kind: "model_service", id: id) }
}
