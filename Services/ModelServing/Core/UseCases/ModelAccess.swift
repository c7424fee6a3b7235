import Domain

/// Whether whoever asks for a service may read its model.
///
/// ModelServing itself may read every model. If it looked with its own rights only, it would serve to anybody what they
/// are not allowed to see.
struct ModelAccess {
    static let retryAfter: Duration = .seconds(5)

    /// The models, as far as the caller may read them.
    let catalog: any ModelCatalog

    /// - Throws: `.unprocessable` with the code `model_not_found`, alike for a model that is not there and for one that
    ///   the caller may not know of; `.unavailable` if nobody can say at the moment.
    @discardableResult
    func check(_ configuration: ServiceConfiguration) async throws(ServiceError) -> ResolvedModel {
        do throws(Failure) {
            return try await catalog.resolve(configuration.modelID, configuration.modelVersion)
        } catch {
            guard error.isForLackOfTheModel else {
                throw .unavailable(
                    code: "model_management_unavailable",
                    message: "Whether you may use the model cannot be found out at the moment.",
                    retryAfter: Self.retryAfter)
            }
            throw .unprocessable(code: "model_not_found", message: Self.absence(of: configuration))
        }
    }

    static func absence(of configuration: ServiceConfiguration) -> String {
        "There is no version \(configuration.modelVersion) of a model \(configuration.modelID) that you may use."
    }
}

extension ServiceConfiguration {
    func hasTheModel(of other: ServiceConfiguration) -> Bool {
        modelID == other.modelID && modelVersion == other.modelVersion
    }

    /// Whether a runtime may find something wrong with it that it did not find with the other.
    func isDeployedUnlike(_ other: ServiceConfiguration) -> Bool {
        runtime != other.runtime || engine != other.engine || options != other.options
            || requirements != other.requirements || replicas != other.replicas
    }
}

extension Failure {
    /// The model is not there, or not for whoever asked.
    var isForLackOfTheModel: Bool { reason == .modelNotFound || reason == .modelNotReadable }
}
