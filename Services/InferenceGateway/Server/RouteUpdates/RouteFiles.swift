import Contracts
import Domain
import FoundationEssentials

/// The last routes on disk, so that a gateway that starts while ModelServing is down serves at once: a file for each
/// shard, so that a change costs the same however many services there are.
struct RouteFiles: Sendable {
    /// What is in a file.
    struct Content: Hashable, Sendable, Codable {
        static let schemaVersion = 1

        let schemaVersion: Int
        let fetchedAt: Timestamp
        let shard: RouteShardsDocument.Shard

        init(_ shard: RouteShardsDocument.Shard, fetchedAt: Timestamp) {
            schemaVersion = Self.schemaVersion
            self.fetchedAt = fetchedAt
            self.shard = shard
        }

        private enum CodingKeys: String, CodingKey {
            case shard
            case schemaVersion = "schema_version"
            case fetchedAt = "fetched_at"
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: String

    /// - Parameter dataDirectory: the process's data directory; the files are in `gateway/routes` in it.
    init(dataDirectory: String) {
        folder = dataDirectory + "/gateway/routes"
    }

    func path(_ shard: Int) -> String { "\(folder)/\(shard).json" }

    /// What is there and can be used, and what cannot: one bad file does not take the other shards down.
    func load() -> (contents: [Content], failures: [Failure]) {
        var contents: [Content] = []
        var failures: [Failure] = []
        for shard in Shard.all.map(\.number) where FileManager.default.fileExists(atPath: path(shard)) {
            do throws(Failure) {
                contents.append(try load(path(shard)))
            } catch {
                failures.append(error)
            }
        }
        return (contents, failures)
    }

    private func load(_ path: String) throws(Failure) -> Content {
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure(description: "\(path) cannot be read: \(error)")
        }
        guard content.schemaVersion == Content.schemaVersion else {
            throw Failure(description: "\(path) has the schema version \(content.schemaVersion)")
        }
        return content
    }

    /// Replaces the file of the shard as a whole: written beside it, flushed to disk, renamed. Only this user may read
    /// it.
    func save(_ content: Content) throws(Failure) {
        let path = path(content.shard.shard)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // `.atomic` is exactly that, the flush included.
            try JSONEncoder().encode(content).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw Failure(description: "\(path) cannot be written: \(error)")
        }
    }
}
