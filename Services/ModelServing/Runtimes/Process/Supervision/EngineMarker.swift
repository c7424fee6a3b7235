import Domain
import ModelServingCore
import Subprocess

/// The variables by which a process is known to belong to an instance, whatever became of its handle.
enum EngineMarker {
    static let instance = "SLIPWAY_INSTANCE_ID"
    /// `engine`, or `action` for a command that runs before the start.
    static let role = "SLIPWAY_PROCESS_ROLE"
    static let engineRole = "engine"
    static let actionRole = "action"

    static func family(of instance: ModelServiceInstanceID, leader: ProcessIdentity?) -> ProcessFamily {
        ProcessFamily(leader: leader, marker: (name: Self.instance, value: instance.description))
    }

    /// The engine of the instance itself, not its children nor a command that ran before its start.
    static func engine(of instance: ModelServiceInstanceID) -> (process: ProcessIdentity, port: UInt16?)? {
        let marked = ProcessTable.processes(withVariable: Self.instance).filter { $0.value == instance.description }
        let engine = marked.map(\.process).first {
            ProcessTable.leadsItsSession($0) && ProcessTable.variable(role, of: $0.pid) == engineRole
        }
        return engine.map { ($0, ProcessTable.variable("PORT", of: $0.pid).flatMap { UInt16($0) }) }
    }
}
