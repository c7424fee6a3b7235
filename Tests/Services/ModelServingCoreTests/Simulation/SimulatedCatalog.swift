import Domain
import ModelServingCore

/// Knows every model, unless its id says otherwise.
struct SimulatedCatalog: ModelCatalog {
    /// A model that nobody registered.
    static let unknownModel = ModelID(UUIDv7(high: 0xDEAD, low: 1))

    let chaos: Chaos

    func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
        if chaos.strikes() { throw Failure(.modelCatalogUnavailable, "ModelManagement does not answer") }
        guard model != Self.unknownModel else { throw Failure(.modelNotFound, "there is no model \(model)") }
        return ResolvedModel(
            modelID: model, version: Int(version.description) ?? 7, fileURL: "file:///models/a.gguf",
            sha256: String(repeating: "a", count: 64), definition: "models: []")
    }
}
