import Domain
import FoundationEssentials
import InferenceGatewayCore
import Subprocess

/// The write-ahead file of what was counted and not yet reported: `gateway/usage.log` in the data directory.
///
/// It is written anew with the state alone when it has grown to `maximumBytes` and twice what the state takes. Held by
/// one process at a time.
final class UsageLog {
    static let maximumBytes = 1 << 20

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let path: String
    /// Nil if the directory cannot be written: then counts are kept in memory alone.
    private let lock: FileLock?
    /// Whether a crash loses everything, and a batch may go out though it is not on disk.
    let isVolatile: Bool
    private var file: AppendOnlyFile?
    private(set) var ledger: UsageLedger
    private(set) var sizeBytes = 0
    /// When the file was last written as a whole.
    private var stateBytes = 0
    private var isSynced = true

    /// Takes up where the file ends; without one, or with one that cannot be read, a new incarnation begins.
    ///
    /// - Returns: nil while another process holds the directory.
    init?(dataDirectory: String, incarnation: String) {
        let folder = dataDirectory + "/gateway"
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        path = folder + "/usage.log"
        if FileManager.default.isWritableFile(atPath: folder) {
            guard let held = FileLock(folder + "/lock") else { return nil }
            lock = consume held
            isVolatile = false
            ledger = Self.replay(path) ?? UsageLedger(incarnation: incarnation)
        } else {
            lock = nil
            isVolatile = true
            ledger = UsageLedger(incarnation: incarnation)
        }
    }

    private static func replay(_ path: String) -> UsageLedger? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        var ledger: UsageLedger?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            switch UsageLogLine(line) {
            case .state(let state): ledger = state
            case .entry(let entry): ledger?.apply(entry)
            case nil: continue
            }
        }
        return ledger
    }

    /// The ledger has the entry in any case.
    /// - Throws: `Failure` if the file does not have it: a crash would lose it. The next entry writes everything anew.
    func append(_ entry: UsageLedger.Entry) throws(Failure) {
        ledger.apply(entry)
        guard file != nil, sizeBytes < max(Self.maximumBytes, 2 * stateBytes) else { return try rewrite() }
        do {
            let bytes = try UsageLogLine.entry(entry).bytes
            try file?.append(bytes)
            sizeBytes += bytes.count
            isSynced = false
        } catch {
            // There may be half a line at its end.
            file = nil
            throw Failure(description: "\(path) cannot be written: \(error)")
        }
    }

    /// Makes what was appended survive the end of the machine.
    func sync() throws(Failure) {
        guard file != nil else { return try rewrite() }
        guard !isSynced else { return }
        do {
            try file?.sync()
            isSynced = true
        } catch {
            throw Failure(description: "\(path) cannot be flushed: \(error)")
        }
    }

    /// Writes the state beside the file, flushes it and renames it, so that there is a whole one at any time.
    private func rewrite() throws(Failure) {
        let next = path + ".new"
        do {
            let bytes = try UsageLogLine.state(ledger).bytes
            try? FileManager.default.removeItem(atPath: next)
            guard let opened = AppendOnlyFile(next) else { throw Failure(description: "no file can be made") }
            try opened.append(bytes)
            try opened.sync()
            try FileMove.replace(path, with: next)
            file = consume opened
            sizeBytes = bytes.count
            stateBytes = bytes.count
            isSynced = true
        } catch {
            throw Failure(description: "\(path) cannot be written: \(error)")
        }
    }
}
