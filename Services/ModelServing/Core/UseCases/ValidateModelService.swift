import Domain

/// A dry run of creating a service: finds every problem that can be known beforehand, and changes nothing.
public struct ValidateModelService: Sendable {
    private let repository: any ModelServiceRepository
    private let claims: any ResourceClaims
    private let runtimes: [any Runtime]

    public init(
        repository: any ModelServiceRepository, claims: any ResourceClaims, runtimes: [any Runtime]
    ) {
        self.repository = repository
        self.claims = claims
        self.runtimes = runtimes
    }

    /// Empty if the service could be created and started now.
    /// - Parameters:
    ///   - name: and `configuration`: what of the request could be understood.
    ///   - catalog: the models, as far as the caller may read them.
    public func callAsFunction(
        name: ServiceName?, _ configuration: ServiceConfiguration?, from catalog: any ModelCatalog
    ) async throws(ServiceError) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let name, try await repository.find(named: name) != nil {
            problems.append(FieldProblem(field: "/name", message: "the name \"\(name)\" is taken"))
        }
        guard let configuration else { return problems }
        if let problem = AvailableRuntimes(runtimes).problem(with: configuration.runtime) {
            problems.append(FieldProblem(field: "/runtime", message: problem))
        }
        problems += await modelProblems(configuration, catalog)
        problems += await capacityProblems(configuration)
        return problems
    }

    private func modelProblems(
        _ configuration: ServiceConfiguration, _ catalog: any ModelCatalog
    ) async -> [FieldProblem] {
        let model: ResolvedModel
        do throws(Failure) {
            model = try await catalog.resolve(configuration.modelID, configuration.modelVersion)
        } catch {
            let message = error.isForLackOfTheModel ? ModelAccess.absence(of: configuration) : error.message
            return [FieldProblem(field: "/model_id", message: message)]
        }
        guard let runtime = runtimes.first(where: { $0.kind == configuration.runtime }) else { return [] }
        return configuration.engineProblems + runtime.problems(with: model, configuration)
    }

    private func capacityProblems(_ configuration: ServiceConfiguration) async -> [FieldProblem] {
        do throws(Failure) {
            let shortfall = try await claims.shortfall(
                configuration.requirements, from: configuration.pools)
            return shortfall.map { [FieldProblem(field: "/resource_requirements", message: $0)] } ?? []
        } catch {
            return [FieldProblem(field: "/resource_requirements", message: error.message)]
        }
    }
}
