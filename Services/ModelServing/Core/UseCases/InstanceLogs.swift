import Domain

/// Reads what engines print.
public struct InstanceLogs: Sendable {
    public static let lineRange = 1...10_000
    public static let defaultLines = 200

    private let find: FindModelService
    private let runtimes: [any Runtime]

    public init(find: FindModelService, runtimes: [any Runtime]) {
        self.find = find
        self.runtimes = runtimes
    }

    public struct Log: Hashable, Sendable {
        public let instanceID: ModelServiceInstanceID
        public let lines: [String]
    }

    /// - Parameters:
    ///   - id: of a service, for the logs of all its instances, or of one instance.
    ///   - lines: of each instance's log, from its end.
    public func callAsFunction(_ id: String, lines: Int) async throws(ServiceError) -> [Log] {
        let service = try await find(id)
        let only = UUIDv7(id).map { ModelServiceInstanceID($0) }.flatMap { service[instance: $0]?.id }
        var logs: [Log] = []
        for instance in service.instances where only == nil || instance.id == only {
            guard let revision = service.revision(instance.revision),
                let runtime = runtimes.first(where: { $0.kind == revision.configuration.runtime })
            else { continue }
            do throws(Failure) {
                let text = try await runtime.logs(instance.id, instance.handle, lines: lines)
                logs.append(Log(instanceID: instance.id, lines: text))
            } catch {
                throw .unavailable(code: "runtime_unreachable", message: error.message, retryAfter: .seconds(5))
            }
        }
        return logs
    }
}
