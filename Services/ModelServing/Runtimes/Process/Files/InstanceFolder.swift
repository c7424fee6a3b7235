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

    /// The working directory of one launch of the engine, and the root of the paths in its model definition file. Two
    /// processes of ours that start the same instance do not get in each other's way.
    func work(_ launch: String) -> String { "\(path)/\(Self.workPrefix)\(launch)" }

    /// Those of all launches.
    var workFolders: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasPrefix(Self.workPrefix) }.map { "\(path)/\($0)" }
    }

    var log: OutputFile { OutputFile(path + "/engine.log") }

    /// Makes the working directory. The log of an earlier try stays.
    func prepare(_ launch: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: work(launch), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storageFailed, "cannot make the folder \(work(launch)): \(error)")
        }
    }

    /// Removes a working directory. The log stays, for whoever wants to know why the engine ended.
    static func delete(_ workFolder: String) { try? FileManager.default.removeItem(atPath: workFolder) }

    func delete() { try? FileManager.default.removeItem(atPath: path) }

    private static let workPrefix = "work-"
}
