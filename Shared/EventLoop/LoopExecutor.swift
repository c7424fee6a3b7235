import CLinux
import Glibc
import Synchronization

/// The thread of one event loop, as an executor.
///
/// It is at once the serial executor of the `EventLoop` actor and a task executor. That is the point: a continuation
/// resumes on the generic pool unless its task prefers an executor, even if the awaiting code is isolated to an actor
/// whose own executor is this thread. Each such round through the pool costs two thread switches.
///
/// `@unchecked` because `local` and `running` are touched by the loop's thread only, which the compiler cannot know.
public final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Rounds of jobs between two looks at the descriptors, so that jobs which make jobs cannot starve those.
    private static let roundsPerTurn = 64

    private let remote = Mutex<[UnownedJob]>([])
    private var local: [UnownedJob] = []
    private var running: [UnownedJob] = []
    let wakeDescriptor: Int32

    init() {
        wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        precondition(wakeDescriptor >= 0, "no descriptor left for an event loop: \(SystemError.last)")
    }

    deinit { close(wakeDescriptor) }

    /// Whether the calling thread is this loop's.
    public var isCurrent: Bool { EventLoop.current?.executor === self }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            local.append(job)
            return
        }
        let isFirst = remote.withLock { queue in
            queue.append(job)
            return queue.count == 1
        }
        if isFirst { wake() }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    public func checkIsolated() { precondition(isCurrent, "not on the thread of this event loop") }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    // What follows is for the loop's thread only.

    var hasJobs: Bool { !local.isEmpty }

    func takeRemoteJobs() {
        var count: UInt64 = 0
        _ = unsafe read(wakeDescriptor, &count, MemoryLayout<UInt64>.size)
        remote.withLock { queue in
            local.append(contentsOf: queue)
            queue.removeAll(keepingCapacity: true)
        }
    }

    func runJobs() {
        let serial = unsafe asUnownedSerialExecutor()
        let preference = unsafe asUnownedTaskExecutor()
        for _ in 0..<Self.roundsPerTurn {
            if local.isEmpty { return }
            swap(&local, &running)
            for job in running {
                unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: preference)
            }
            running.removeAll(keepingCapacity: true)
        }
    }
}
