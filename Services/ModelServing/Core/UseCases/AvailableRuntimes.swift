import Domain

/// The runtimes that this installation has.
public struct AvailableRuntimes: Sendable {
    private let runtimes: [any Runtime]

    public var kinds: [RuntimeKind] { runtimes.map(\.kind) }

    public init(_ runtimes: [any Runtime]) { self.runtimes = runtimes }

    public func problem(with kind: RuntimeKind) -> String? {
        guard !kinds.contains(kind) else { return nil }
        return "the runtime \(kind.rawValue) is not available in this installation; use "
            + kinds.map(\.rawValue).joined(separator: " or ")
    }

    func check(_ kind: RuntimeKind) throws(ServiceError) {
        if let problem = problem(with: kind) { throw .invalid("/runtime", problem) }
    }

    /// Refuses what is wrong with the request itself. What is wrong with the model's definition file is the service's
    /// to tell: it may be there before the model is right.
    func check(_ configuration: ServiceConfiguration, for model: ResolvedModel) throws(ServiceError) {
        let runtime = runtimes.first { $0.kind == configuration.runtime }
        let own =
            configuration.engineProblems
            + (runtime?.problems(with: model, configuration) ?? []).filter(\.isOfTheRequest)
        guard own.isEmpty else { throw .invalid(own) }
    }
}

extension FieldProblem {
    /// And not of the model definition file.
    var isOfTheRequest: Bool { field.hasPrefix("/") }
}
