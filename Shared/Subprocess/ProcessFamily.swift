import CProcess
import Glibc

/// A process and everything that came from it: what is in its session, and what carries its marker, wherever that went.
///
/// A process is signalled only after it was made sure, with the descriptor in hand, that it is the one that was meant:
/// a pid that was given to somebody else meanwhile is never hit.
public struct ProcessFamily: Hashable, Sendable {
    /// How long to wait for the kernel after SIGKILL.
    static let killDeadline: Duration = .seconds(5)
    static let pollInterval: Duration = .milliseconds(20)

    /// Nil if nobody knows it any longer; then the marker alone says who belongs here.
    public let leader: ProcessIdentity?
    /// A variable that the leader was started with, and its children with it.
    public let marker: (name: String, value: String)
    /// More variables that whoever carries the marker must have been started with.
    public let further: [String: String]

    public init(leader: ProcessIdentity?, marker: (name: String, value: String), further: [String: String] = [:]) {
        self.leader = leader
        self.marker = marker
        self.further = further
    }

    /// Those that run. Costs a look at each process of the machine.
    public var members: [ProcessIdentity] {
        let marked = ProcessTable.processes(withVariable: marker.name).filter { process, value in
            value == marker.value && further.allSatisfy { ProcessTable.variable($0.key, of: process.pid) == $0.value }
        }
        let session = leader.map { ProcessTable.session(of: $0) } ?? []
        return Array(Set(marked.map(\.process) + session))
    }

    /// Sends SIGTERM to all of them, and SIGKILL to those that are left after `grace`. Idempotent.
    /// - Returns: whether nothing is left. False means that the kernel does not let go of a process (of one that
    ///   hangs in a driver, for example), or that the task was cancelled.
    public func end(grace: Duration) async -> Bool {
        await end(SIGTERM, within: grace) ? true : await end(SIGKILL, within: Self.killDeadline)
    }

    /// Sends the signal to all of them once.
    public func send(_ signal: Int32) {
        for member in members { Self.send(signal, to: member) }
    }

    private func end(_ signal: Int32, within duration: Duration) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + duration
        var told: Set<ProcessIdentity> = []
        repeat {
            if let leader { _ = ProcessExit.statusIfEnded(leader) }
            let members = members
            if members.isEmpty { return true }
            // Those that were born since the last look did not get it.
            for member in members where told.insert(member).inserted { Self.send(signal, to: member) }
            // A look at each process of the machine costs, so only these are watched until they are gone.
            while members.contains(where: ProcessTable.isAlive), clock.now < deadline {
                do { try await Task.sleep(for: Self.pollInterval) } catch { return false }
            }
        } while clock.now < deadline
        return false
    }

    private static func send(_ signal: Int32, to process: ProcessIdentity) {
        let descriptor = cprocess_open(process.pid)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard ProcessTable.isAlive(process) else { return }
        _ = cprocess_send(descriptor, signal)
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.leader == right.leader && left.marker == right.marker && left.further == right.further
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(leader)
        hasher.combine(marker.name)
        hasher.combine(marker.value)
        hasher.combine(further)
    }
}
