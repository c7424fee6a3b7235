import CProcess
import Dispatch
import Glibc
import Synchronization

/// Waits for processes to end, children of this one or not, without a thread or a signal handler for it.
public enum ProcessExit {
    /// How a process ended.
    public enum Status: Hashable, Sendable, CustomStringConvertible {
        case code(Int32)
        case signal(Int32)
        /// It was no child of this process, or somebody else reaped it.
        case unknown

        public var description: String {
            switch self {
            case .code(let code): "exit status \(code)"
            case .signal(let number): "signal \(number)\(Self.names[number].map { " (\($0))" } ?? "")"
            case .unknown: "an unknown exit status"
            }
        }

        private static let names: [Int32: String] = [
            SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGILL: "SIGILL", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS",
            SIGFPE: "SIGFPE",
            SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGTERM: "SIGTERM", SIGXFSZ: "SIGXFSZ",
        ]
    }

    /// How often a process is looked at on a kernel without pidfd.
    static let pollInterval: Duration = .milliseconds(100)

    /// Returns when the process has ended, and reaps it if it is a child. For one waiter at a time.
    /// - Throws: `CancellationError`; the process is left alone then.
    public static func wait(for process: ProcessIdentity) async throws -> Status {
        let descriptor = cprocess_open(process.pid)
        // Checked after the opening: from now on the descriptor means this process, or it is gone.
        guard descriptor >= 0, ProcessTable.isAlive(process) else {
            if descriptor >= 0 { close(descriptor) }
            return try await poll(process)
        }
        let signal = Once()
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler { signal.settle() }
        source.setCancelHandler { close(descriptor) }
        source.resume()
        defer { source.cancel() }
        try await signal.wait()
        return try await poll(process)
    }

    /// Nil while it runs.
    public static func statusIfEnded(_ process: ProcessIdentity) -> Status? {
        ProcessTable.isAlive(process) ? nil : reap(process)
    }

    private static func poll(_ process: ProcessIdentity) async throws -> Status {
        while true {
            if let status = statusIfEnded(process) { return status }
            try await Task.sleep(for: pollInterval)
        }
    }

    /// Nil while threads of the process are still ending: its first thread is a zombie then already, but the kernel
    /// does not give its status away before the last has gone.
    private static func reap(_ process: ProcessIdentity) -> Status? {
        // An entry with another start time is another process, be it a child of ours or not.
        guard let entry = ProcessTable.entry(process.pid), entry.startTime == process.startTime else { return .unknown }
        var status: Int32 = 0
        let reaped = unsafe cprocess_reap(process.pid, &status)
        guard reaped != 0 else { return nil }
        guard reaped == process.pid else { return .unknown }
        return cprocess_has_exited(status) != 0 ? .code(cprocess_exit_code(status)) : .signal(cprocess_signal(status))
    }
}

/// An event that happens once, and one task that waits for it.
private final class Once: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Void, any Error>)
        case settled
        case cancelled
    }

    private let state = Mutex(State.open)

    func settle() { finish(.settled)?.resume() }

    func wait() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let end = state.withLock { state -> State in
                    if case .open = state { state = .waiting(continuation) }
                    return state
                }
                switch end {
                case .open, .waiting: return
                case .settled: continuation.resume()
                case .cancelled: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            finish(.cancelled)?.resume(throwing: CancellationError())
        }
    }

    private func finish(_ end: State) -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            switch state {
            case .open:
                state = end
                return nil
            case .waiting(let continuation):
                state = end
                return continuation
            case .settled, .cancelled: return nil
            }
        }
    }
}
