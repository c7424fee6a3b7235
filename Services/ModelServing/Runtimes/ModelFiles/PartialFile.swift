import FoundationEssentials
import Subprocess

/// A file that is still being fetched, or a folder that is still being filled:
/// `<name>.part-<pid>-<start time>-<random>`, so that those which were left by a process that died can be told from
/// those of one that lives.
enum PartialFile {
    private static let mark = ".part-"

    static func name(for path: String) -> String {
        let pid = ProcessInfo.processInfo.processIdentifier
        let start = ProcessTable.identity(of: pid)?.startTime ?? 0
        return "\(path)\(mark)\(pid)-\(start)-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }

    static func removeAbandoned(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where isAbandoned(name) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private static func isAbandoned(_ name: String) -> Bool {
        guard let range = name.firstRange(of: mark) else { return false }
        let parts = name[range.upperBound...].split(separator: "-")
        guard parts.count == 3, let pid = Int32(parts[0]), let writer = ProcessTable.identity(of: pid) else {
            return true
        }
        return String(writer.startTime) != parts[1]
    }
}
