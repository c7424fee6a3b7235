import Domain
import ModelServingCore
import Subprocess

/// The taking down of everything that there was of an instance when it began. What another process of ours starts
/// anew later is not touched, however long this one was held up in the middle.
struct EngineRemoval: Sendable {
    private let families: [ProcessFamily]
    private let workFolders: [String]

    init(of instance: ModelServiceInstanceID, leader: ProcessIdentity?, marker: EngineMarker) {
        workFolders = InstanceFolder(data: marker.dataFolder, instance: instance).workFolders
        let launches = marker.launches(of: instance).sorted()
        let launch = leader.flatMap { ProcessTable.variable(EngineMarker.launch, of: $0.pid) }
        // The leader's session comes last, and with it what dropped its environment.
        families =
            launches.map { marker.family(ofLaunch: $0, of: instance, leader: $0 == launch ? leader : nil) }
            + (leader.map { [ProcessFamily(leader: $0, marker: (EngineMarker.launch, launch ?? ""))] } ?? [])
    }

    /// - Returns: whether nothing is left.
    func run(grace: Duration) async -> Bool {
        for family in families where await !family.end(grace: grace) { return false }
        for folder in workFolders { InstanceFolder.delete(folder) }
        return true
    }
}
