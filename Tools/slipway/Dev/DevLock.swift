import FoundationEssentials
import Subprocess

/// Keeps a second `slipway dev` out of a project folder while one runs there.
///
/// The lock names its holder by process id and start, so that one that died without giving it back holds nothing.
struct DevLock: Sendable {
    let file: String

    /// - Throws: `.conflict` if another process holds it.
    func take(as taker: ProcessIdentity) throws(CommandFailure) {
        // A stale lock is removed, and the next try takes its place; it loses only against somebody faster.
        for _ in 0..<3 {
            let claim = "\(file).\(taker.pid)"
            try LocalFile.write(try Self.text(of: taker), to: claim)
            defer { try? FileManager.default.removeItem(atPath: claim) }
            // Making a hard link fails if the name is taken: one step that only one process can win.
            if (try? FileManager.default.linkItem(atPath: claim, toPath: file)) != nil { return }
            if let holder = try holder() {
                throw CommandFailure(
                    .conflict, "slipway dev already runs in this project, as process \(holder.pid).",
                    hints: ["Stop it with Ctrl-C where it runs, or with: kill \(holder.pid)"])
            }
            try? FileManager.default.removeItem(atPath: file)
        }
        throw CommandFailure(.conflict, "\(file) cannot be taken: another slipway dev is starting.")
    }

    /// Gives it back, if it is still this process's.
    func release(as taker: ProcessIdentity) {
        if (try? holder()) == taker { try? FileManager.default.removeItem(atPath: file) }
    }

    /// The living process that holds the lock.
    func holder() throws(CommandFailure) -> ProcessIdentity? {
        guard let text = try LocalFile.textIfPresent(file),
            let holder = try? JSONDecoder().decode(ProcessIdentity.self, from: Data(text.utf8))
        else { return nil }
        return ProcessTable.isAlive(holder) ? holder : nil
    }

    private static func text(of taker: ProcessIdentity) throws(CommandFailure) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(taker), as: UTF8.self)
        } catch {
            throw CommandFailure(.failed, "The lock cannot be written: \(error).")
        }
    }
}
