import Domain
import ModelServingCore
import Synchronization

/// Engines that are ready as soon as they are deployed.
final class TestRuntime: Runtime {
    private struct State {
        var running: Set<ModelServiceInstanceID> = []
        var failure: Failure?
        var problems: [FieldProblem] = []
    }

    let kind = RuntimeKind.process
    private let state = Mutex(State())

    var running: Set<ModelServiceInstanceID> { state.withLock { $0.running } }

    func fail(_ failure: Failure?) { state.withLock { $0.failure = failure } }

    func refuse(_ problems: [FieldProblem]) { state.withLock { $0.problems = problems } }

    func probe() async -> RuntimeProbe { .available }

    func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem] {
        state.withLock { $0.problems }
    }

    func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        state.withLock { _ = $0.running.insert(deployment.instanceID) }
        return RuntimeHandle("engine")
    }

    func observe(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        let (isRunning, failure) = state.withLock { ($0.running.contains(deployment.instanceID), $0.failure) }
        if let failure { return Observation(.failed(failure), handle: handle) }
        return isRunning
            ? Observation(.ready, handle: handle, url: "http://127.0.0.1:40000", node: "here")
            : Observation(.absent, handle: handle)
    }

    func recover(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        try await observe(deployment, handle)
    }

    func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {}

    func deployed() async -> [DeployedInstance] {
        running.sorted().map { DeployedInstance(instanceID: $0, since: Timestamp(millisecondsSinceEpoch: 0)) }
    }

    func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {}

    func remove(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?) async throws(Failure) -> Removal {
        state.withLock { _ = $0.running.remove(instance) }
        return .gone
    }

    func logs(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int) async throws(Failure)
        -> [String]
    { Array(["first", "second", "third"].suffix(lines)) }

    func discard(_ instance: ModelServiceInstanceID) async {}

    func changes() -> AsyncStream<ModelServiceID> { AsyncStream { $0.finish() } }
}
