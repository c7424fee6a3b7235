import Domain
import FoundationEssentials
import ModelServingCore
import Subprocess

/// Where an instance lives: `<data>/instances/<id>/`.
struct InstanceFolder: Hashable, Sendable {
    let path: String

    init(data: String, instance: ModelServiceInstanceID) {
        path = "\(data)/instances/\(instance)"
    }

    /// The engine's working directory, and the root of the paths in its model definition file.
    var work: String { path + "/work" }

    var log: OutputFile { OutputFile(path + "/engine.log") }

    /// Empties the working directory, or makes it. The log of an earlier try stays.
    func prepare() throws(Failure) {
        do {
            try? FileManager.default.removeItem(atPath: work)
            try FileManager.default.createDirectory(
                atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storageFailed, "cannot make the folder \(work): \(error)")
        }
    }

    /// Removes what the engine worked with. The log stays, for whoever wants to know why it ended.
    func clear() { try? FileManager.default.removeItem(atPath: work) }

    func delete() { try? FileManager.default.removeItem(atPath: path) }
}
