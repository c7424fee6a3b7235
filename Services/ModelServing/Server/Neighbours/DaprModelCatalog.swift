import Contracts
import Domain
import FoundationEssentials
import HTTP
import ModelServingCore

/// The models that ModelManagement knows.
struct DaprModelCatalog: ModelCatalog {
    let neighbour: Neighbour

    func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
        let target = "/models/\(model)/versions/\(PercentEncoding.encode(version.description))"
        let answer = try await neighbour.call(.get, target)
        switch answer.status {
        case .ok: return try read(answer.bytes)
        case .notFound, .badRequest:
            throw Failure(.modelNotFound, "version \(version) of model \(model): \(answer.problem)")
        case .forbidden: throw Failure(.modelNotReadable, answer.problem)
        default: throw Failure(.modelCatalogUnavailable, "\(neighbour.appID) answers: \(answer.problem)")
        }
    }

    private func read(_ bytes: [UInt8]) throws(Failure) -> ResolvedModel {
        let document: ModelVersionDocument
        do {
            document = try JSONDecoder().decode(ModelVersionDocument.self, from: Data(bytes))
        } catch {
            throw Failure(.modelCatalogUnavailable, "the answer of \(neighbour.appID) cannot be read: \(error)")
        }
        return ResolvedModel(
            modelID: document.modelID, version: document.version, fileURL: document.modelFileURL,
            sha256: document.sha256, sizeBytes: document.sizeBytes, format: document.format,
            definition: document.modelDefinition)
    }
}
