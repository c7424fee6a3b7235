import Domain
import ModelServingCore

/// What a runtime runs on, as its conformance suite sees it: something to deploy to, to break, and to look at from
/// behind the runtime's back.
package protocol RuntimeWorld: Sendable {
    /// A runtime as a process of ours has it that was just started. All of them share this world.
    func begin() async throws -> any Runtime

    var running: RunningRuntimes { get }

    /// An instance with a new id.
    func deployment(_ behaviour: EngineBehaviour) async throws -> Deployment

    /// Kills the instance's engine.
    func killEngine(of instance: ModelServiceInstanceID) async throws

    /// Whether anything of the instance is there, a log aside.
    func hasLeftovers(of instance: ModelServiceInstanceID) async -> Bool

    /// How often the instance's engine was started.
    func starts(of instance: ModelServiceInstanceID) async -> Int
}

extension RuntimeWorld {
    /// Ends that process of ours without a word to anybody. Engines know nothing of it.
    package func crash(_ runtime: any Runtime) async { await running.end(runtime) }
}

/// What an engine does once it is started.
package enum EngineBehaviour: Sendable {
    case healthy
    /// Runs, and never answers as its definition wants it.
    case neverHealthy
    case endsAtOnce
}
