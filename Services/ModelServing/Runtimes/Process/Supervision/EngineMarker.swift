import Domain
import FoundationEssentials
import ModelServingCore
import Subprocess

/// The variables by which a process is known to belong to an instance of this installation, whatever became of its
/// handle.
struct EngineMarker: Hashable, Sendable {
    static let instance = "SLIPWAY_INSTANCE_ID"
    /// The data folder: another installation on the same machine has another.
    static let installation = "SLIPWAY_DATA_FOLDER"
    /// Another one for each try to start the instance's engine.
    static let launch = "SLIPWAY_LAUNCH_ID"
    /// The process of ours that made the try, as `pid:start time`.
    static let launcher = "SLIPWAY_LAUNCHER"
    /// `engine`, or `action` for a command that runs before the start.
    static let role = "SLIPWAY_PROCESS_ROLE"
    static let engineRole = "engine"
    static let actionRole = "action"

    /// The engine of an instance itself, not its children nor a command that ran before its start.
    struct Engine: Hashable, Sendable {
        let process: ProcessIdentity
        let port: UInt16?
    }

    /// Absolute.
    let dataFolder: String

    /// Everything of the instance.
    func family(of instance: ModelServiceInstanceID, leader: ProcessIdentity?) -> ProcessFamily {
        ProcessFamily(
            leader: leader, marker: (name: Self.instance, value: instance.description),
            further: [Self.installation: dataFolder])
    }

    /// What came of one try.
    func family(
        ofLaunch launch: String, of instance: ModelServiceInstanceID, leader: ProcessIdentity?, role: String? = nil
    ) -> ProcessFamily {
        var further = [Self.installation: dataFolder, Self.instance: instance.description]
        further[Self.role] = role
        return ProcessFamily(leader: leader, marker: (name: Self.launch, value: launch), further: further)
    }

    /// The instance's engines, the oldest first. There is more than one only for as long as it takes to notice.
    func engines(of instance: ModelServiceInstanceID) -> [Engine] {
        processes(of: instance).filter(ProcessTable.leadsItsSession)
            .sorted { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }
            .compactMap { process in
                // What it is and where it listens, of the same moment.
                let variables = ProcessTable.variables(of: process.pid)
                guard variables[Self.role] == Self.engineRole else { return nil }
                return Engine(process: process, port: variables["PORT"].flatMap { UInt16($0) })
            }
    }

    /// The instance's oldest engine, if it is older than `process`. A process that is just being replaced by another
    /// program, as a shell script does with `exec`, shows no variables for a moment: look again a little later.
    func engine(of instance: ModelServiceInstanceID, olderThan process: ProcessIdentity) -> Engine? {
        engines(of: instance).first {
            ($0.process.startTime, $0.process.pid) < (process.startTime, process.pid)
        }
    }

    /// The tries of which something runs.
    func launches(of instance: ModelServiceInstanceID) -> Set<String> {
        Set(processes(of: instance).compactMap { ProcessTable.variable(Self.launch, of: $0.pid) })
    }

    /// Tries that did not get to an engine, because the process that made them died.
    func abandonedLaunches(of instance: ModelServiceInstanceID) -> Set<String> {
        let abandoned = processes(of: instance).filter { process in
            ProcessTable.variable(Self.role, of: process.pid) == Self.actionRole
                && ProcessTable.variable(Self.launcher, of: process.pid).map(Self.isAlive) == false
        }
        return Set(abandoned.compactMap { ProcessTable.variable(Self.launch, of: $0.pid) })
    }

    /// Everything of the installation that runs, with the time since when.
    func deployed(at now: Timestamp) -> [DeployedInstance] {
        var ages: [ModelServiceInstanceID: Duration] = [:]
        for (process, value) in ProcessTable.processes(withVariable: Self.instance) {
            guard isOurs(process), let instance = ModelServiceInstanceID(value),
                let age = ProcessTable.age(of: process)
            else { continue }
            ages[instance] = max(age, ages[instance] ?? .zero)
        }
        return ages.map { DeployedInstance(instanceID: $0.key, since: now + (.zero - $0.value)) }
            .sorted { $0.instanceID < $1.instanceID }
    }

    /// The ports that engines of this machine were given, in whichever installation. One that still loads its weights
    /// does not listen yet.
    static var portsInUse: Set<UInt16> {
        let engines = ProcessTable.processes(withVariable: instance).map(\.process)
        return Set(engines.compactMap { ProcessTable.variable("PORT", of: $0.pid).flatMap { UInt16($0) } })
    }

    /// This process as `launcher` has it.
    static let ownLauncher: String = {
        let own = ProcessTable.identity(of: ProcessInfo.processInfo.processIdentifier)
        return own.map { "\($0.pid):\($0.startTime)" } ?? ""
    }()

    private static func isAlive(_ launcher: String) -> Bool {
        let parts = launcher.split(separator: ":")
        guard parts.count == 2, let pid = Int32(parts[0]), let identity = ProcessTable.identity(of: pid) else {
            return false
        }
        return String(identity.startTime) == parts[1]
    }

    private func processes(of instance: ModelServiceInstanceID) -> [ProcessIdentity] {
        ProcessTable.processes(withVariable: Self.instance)
            .filter { $0.value == instance.description && isOurs($0.process) }.map(\.process)
    }

    private func isOurs(_ process: ProcessIdentity) -> Bool {
        ProcessTable.variable(Self.installation, of: process.pid) == dataFolder
    }
}
