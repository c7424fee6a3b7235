import FoundationEssentials
import JSON

/// Keeps a second `slipway dev` out of a project folder while one runs there.
///
/// The lock names its holder's process by id and start, so that one that died without giving it back holds nothing.
struct DevLock: Sendable {
    let file: String
    let processes: ProcessTable

    /// - Throws: `.conflict` if another process holds it.
    func take(as id: Int32) throws(CommandFailure) {
        guard let startTicks = processes.startTicks(of: id) else {
            throw CommandFailure(.failed, "This machine does not tell when processes began (no /proc).")
        }
        // A stale lock is removed, and the next try takes the place; two tries lose only against somebody faster.
        for _ in 0..<3 {
            let claim = "\(file).\(id)"
            let text = JSONWriter.text(["pid": .integer(Int64(id)), "start_ticks": .string(String(startTicks))])
            try LocalFile.write(text, to: claim)
            defer { try? FileManager.default.removeItem(atPath: claim) }
            // Making a hard link fails if the name is taken: one step that only one process can win.
            if (try? FileManager.default.linkItem(atPath: claim, toPath: file)) != nil { return }
            if let holder = try holder() {
                throw CommandFailure(
                    .conflict, "slipway dev already runs in this project, as process \(holder).",
                    hints: ["Stop it with Ctrl-C where it runs, or with: kill \(holder)"])
            }
            try? FileManager.default.removeItem(atPath: file)
        }
        throw CommandFailure(.conflict, "\(file) cannot be taken: another slipway dev is starting.")
    }

    /// Gives it back, if it is still this process's.
    func release(as id: Int32) {
        if (try? holder()) == id { try? FileManager.default.removeItem(atPath: file) }
    }

    /// The living process that holds the lock.
    func holder() throws(CommandFailure) -> Int32? {
        guard let text = try LocalFile.textIfPresent(file), let document = try? JSONParser.parse(text),
            let id = document["pid"]?.integerValue.flatMap({ Int32(exactly: $0) }),
            let ticks = document["start_ticks"]?.stringValue.flatMap({ UInt64($0) })
        else { return nil }
        return processes.startTicks(of: id) == ticks && !processes.isZombie(id) ? id : nil
    }
}
