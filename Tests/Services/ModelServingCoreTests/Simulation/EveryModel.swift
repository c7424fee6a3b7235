import Domain
import ModelServingCore

/// Lets everybody use every model, whether it is there or not.
struct EveryModel: ModelCatalog {
    func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
        ResolvedModel(modelID: model, version: 1, fileURL: "file:///a", sha256: String(repeating: "a", count: 64))
    }
}

extension CreateModelService {
    func callAsFunction(
        _ name: ServiceName, _ configuration: ServiceConfiguration, owner: String?, by caller: CallerRights,
        once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt {
        try await self(name, configuration, owner: owner, by: caller, from: EveryModel(), once: key)
    }
}

extension ChangeModelService {
    func update(
        _ id: String, _ precondition: Precondition, _ change: ConfigurationChange, owner: String? = nil,
        by caller: CallerRights = .none
    ) async throws(ServiceError) -> ModelService {
        try await update(id, precondition, change, owner: owner, by: caller, from: EveryModel())
    }
}
