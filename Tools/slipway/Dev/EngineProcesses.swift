import FoundationEssentials
import Subprocess

/// The engines that ModelServing's process runtime has started for a project. They outlive ModelServing, so that a
/// restart of it disturbs nobody; ending the whole stack has to end them too.
struct EngineProcesses: Sendable {
    /// Every engine carries it, with the id of its instance.
    static let marker = "SLIPWAY_INSTANCE_ID"
    /// Between SIGTERM and SIGKILL.
    static let grace: Duration = .seconds(10)

    /// Where ModelServing keeps a folder for each instance, by its id.
    let instanceFolder: String

    /// Ids of this project's instances that have a process.
    var running: Set<String> {
        let marked = Set(ProcessTable.processes(withVariable: Self.marker).map(\.value))
        return marked.filter { LocalFile.exists("\(instanceFolder)/\($0)") }
    }

    /// Ends them, all at once. Their services stay as they are wanted: the next start brings them back.
    /// - Returns: how many there were.
    func end() async -> Int {
        let ids = running
        await withTaskGroup(of: Void.self) { group in
            for id in ids {
                group.addTask {
                    _ = await ProcessFamily(leader: nil, marker: (Self.marker, id)).end(grace: Self.grace)
                }
            }
        }
        return ids.count
    }
}
