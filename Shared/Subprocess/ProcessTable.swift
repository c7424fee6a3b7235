import CProcess
import FoundationEssentials
import Glibc

/// What `/proc` says about the processes of this machine.
public enum ProcessTable {
    /// Bytes of an environment that are looked at.
    public static let maximumEnvironmentBytes = 1 << 20

    /// Whether the process is there and has not ended. One that ended and was not reaped yet counts as gone.
    public static func isAlive(_ identity: ProcessIdentity) -> Bool {
        guard identity.bootID == bootID, let entry = entry(identity.pid) else { return false }
        return entry.startTime == identity.startTime && !entry.hasEnded
    }

    /// Nil if there is no such process, or it has ended.
    public static func identity(of pid: Int32) -> ProcessIdentity? {
        guard let entry = entry(pid), !entry.hasEnded else { return nil }
        return ProcessIdentity(pid: pid, startTime: entry.startTime, bootID: bootID)
    }

    /// One variable of the environment that the process was started with. Nil too if it is not ours to read.
    public static func variable(_ name: String, of pid: Int32) -> String? {
        guard let bytes = ProcFile.read("/proc/\(pid)/environ", limitBytes: maximumEnvironmentBytes) else { return nil }
        let prefix = Array("\(name)=".utf8)
        return bytes.split(separator: 0).first { $0.starts(with: prefix) }
            .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }

    /// The environment that the process was started with, in one look: one that becomes another program meanwhile shows
    /// all of it or nothing. Empty too if it is not ours to read.
    public static func variables(of pid: Int32) -> [String: String] {
        let bytes = ProcFile.read("/proc/\(pid)/environ", limitBytes: maximumEnvironmentBytes) ?? []
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            // Of two of one name the first counts, as it does for the program.
            if variables[name] == nil { variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self) }
        }
        return variables
    }

    /// Every process that was started with the variable, with its value. Costs a look at each process of the machine.
    public static func processes(withVariable name: String) -> [(process: ProcessIdentity, value: String)] {
        pids.compactMap { pid in
            guard let before = identity(of: pid), let value = variable(name, of: pid), identity(of: pid) == before
            else { return nil }
            return (before, value)
        }
    }

    /// Whether the process began the session that it is in, as `SpawnRequest.spawn` makes them.
    public static func leadsItsSession(_ process: ProcessIdentity) -> Bool {
        isAlive(process) && entry(process.pid)?.session == process.pid
    }

    /// The processes of the session that `leader` began, as far as they are sure to be: the leader may have ended, but
    /// while one of them is there its pid is not given to anyone else.
    public static func session(of leader: ProcessIdentity) -> [ProcessIdentity] {
        guard leader.bootID == bootID else { return [] }
        if let entry = entry(leader.pid), entry.startTime != leader.startTime { return [] }
        return pids.compactMap { pid in
            guard let entry = entry(pid), entry.session == leader.pid, entry.startTime >= leader.startTime,
                !entry.hasEnded
            else { return nil }
            return ProcessIdentity(pid: pid, startTime: entry.startTime, bootID: bootID)
        }
    }

    /// How long ago the process was started; nil if it has ended.
    public static func age(of process: ProcessIdentity) -> Duration? {
        guard isAlive(process) else { return nil }
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
        let sinceBoot = Duration.seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        let ticksPerSecond = max(1, Int64(sysconf(Int32(_SC_CLK_TCK))))
        let start = Duration.milliseconds(Int64(clamping: process.startTime) * 1000 / ticksPerSecond)
        return max(.zero, sinceBoot - start)
    }

    static let bootID: String = {
        let bytes = ProcFile.read("/proc/sys/kernel/random/boot_id", limitBytes: 64) ?? []
        return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
    }()

    struct Entry {
        let session: Int32
        let startTime: UInt64
        /// A zombie, or about to be one.
        let hasEnded: Bool
    }

    static func entry(_ pid: Int32) -> Entry? {
        ProcFile.read("/proc/\(pid)/stat", limitBytes: 4096).flatMap(Self.parse)
    }

    /// The name, in parentheses, may hold anything: everything else comes behind the last one.
    static func parse(_ stat: [UInt8]) -> Entry? {
        guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: stat[(close + 1)...], as: UTF8.self).split(separator: " ")
        // Counted from the state, which is the third field of the line; the start time is the twenty-second.
        guard fields.count > 19, let session = Int32(fields[3]), let startTime = UInt64(fields[19]) else { return nil }
        return Entry(session: session, startTime: startTime, hasEnded: ["Z", "X", "x"].contains(fields[0]))
    }

    private static var pids: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
    }
}
