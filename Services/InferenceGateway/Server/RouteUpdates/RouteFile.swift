import Contracts
import Domain
import FoundationEssentials

/// The last route table on disk, so that a gateway that starts while ModelServing is down serves at once.
struct RouteFile: Sendable {
    /// What is in the file.
    struct Content: Hashable, Sendable, Codable {
        static let schemaVersion = 1

        let schemaVersion: Int
        let fetchedAt: Timestamp
        /// Sent with the next request for routes; nil if ModelServing gave none.
        let etag: String?
        let table: RouteTableDocument

        private enum CodingKeys: String, CodingKey {
            case table, etag
            case schemaVersion = "schema_version"
            case fetchedAt = "fetched_at"
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String

    /// - Parameter directory: the process's data directory; the file is `gateway/routes.json` in it.
    init(dataDirectory: String) {
        path = dataDirectory + "/gateway/routes.json"
    }

    /// Nil if there is no file yet.
    /// - Throws: `Failure` if there is one that cannot be used.
    func load() throws(Failure) -> Content? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
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

    /// Replaces the file as a whole: written beside it, flushed to disk, renamed. Only this user may read it.
    func save(_ content: Content) throws(Failure) {
        do {
            let directory = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // `.atomic` is exactly that, the flush included.
            try JSONEncoder().encode(content).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw Failure(description: "\(path) cannot be written: \(error)")
        }
    }
}
