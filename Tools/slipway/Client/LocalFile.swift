import FoundationEssentials
import Subprocess

/// Reads and writes small files of this machine, with errors that a user can act on.
enum LocalFile {
    /// Bytes of a file that is read whole: a key, a definition, a configuration.
    static let maximumSize = 1 << 20

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The text of a file of at most `maximumSize` bytes; nil if there is none.
    static func textIfPresent(
        _ path: String, maximumSize: Int = maximumSize
    ) throws(CommandFailure) -> String? {
        guard exists(path) else { return nil }
        guard let size = size(path), size <= maximumSize else {
            throw CommandFailure(.failed, "\(path) is not a file of at most \(maximumSize) bytes.")
        }
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else { throw CommandFailure(.failed, "\(path) cannot be read as text.") }
        return text
    }

    static func text(_ path: String, maximumSize: Int = maximumSize) throws(CommandFailure) -> String {
        guard let text = try textIfPresent(path, maximumSize: maximumSize) else {
            throw CommandFailure(.notFound, "There is no file \(path).")
        }
        return text
    }

    /// Nil if there is no such file, or it is no plain file.
    static func size(_ path: String) -> Int? { FileStatus(path)?.sizeBytes }

    /// Replaces the file, and makes the folders above it, which only the owner may enter.
    /// - Parameter isSecret: only the owner may read the file. Otherwise a reader sees the old or the new text, never
    ///   a part.
    static func write(_ text: String, to path: String, isSecret: Bool = false) throws(CommandFailure) {
        do {
            try makeFolder(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
            if isSecret {
                if exists(path) { try FileManager.default.removeItem(atPath: path) }
                let isWritten = FileManager.default.createFile(
                    atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
                guard isWritten else { throw CommandFailure(.failed, "\(path) cannot be written.") }
            } else {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be written: \(error).")
        }
    }

    static func remove(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be removed: \(error).")
        }
    }

    /// Makes a folder that only its owner may enter, with those above it. Does nothing if it exists.
    static func makeFolder(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.failed, "The folder \(path) cannot be made: \(error).")
        }
    }
}
