import Domain

/// A dry run of creating a service: finds every problem that can be known beforehand, and changes nothing.
public struct ValidateModelService: Sendable {
    private let repository: any ModelServiceRepository
    private let catalog: any ModelCatalog
    private let claims: any ResourceClaims
    private let runtimes: [any Runtime]

    public init(
        repository: any ModelServiceRepository, catalog: any ModelCatalog, claims: any ResourceClaims,
        runtimes: [any Runtime]
    ) {
        self.repository = repository
        self.catalog = catalog
        self.claims = claims
        self.runtimes = runtimes
    }

    /// Empty if the service could be created and started now.
    /// - Parameters: what of the request could be understood.
    public func callAsFunction(
        name: ServiceName?, _ configuration: ServiceConfiguration?
    ) async throws(ServiceError) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let name, try await repository.find(named: name) != nil {
            problems.append(FieldProblem(field: "/name", message: "the name \"\(name)\" is taken"))
        }
        guard let configuration else { return problems }
        if let problem = AvailableRuntimes(runtimes).problem(with: configuration.runtime) {
            problems.append(FieldProblem(field: "/runtime", message: problem))
        }
        problems += await modelProblems(configuration)
        problems += await capacityProblems(configuration)
        return problems
    }

    private func modelProblems(_ configuration: ServiceConfiguration) async -> [FieldProblem] {
        let model: ResolvedModel
        do throws(Failure) {
            model = try await catalog.resolve(configuration.modelID, configuration.modelVersion)
        } catch {
            return [FieldProblem(field: "/model_id", message: error.message)]
        }
        guard let runtime = runtimes.first(where: { $0.kind == configuration.runtime }) else { return [] }
        return runtime.problems(with: model, replicas: configuration.replicas)
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
