import CLinux
import Glibc
import Synchronization

/// The thread of one event loop, as an executor.
///
/// It is at once the serial executor of the `EventLoop` actor and a task executor. That is the point: a continuation
/// resumes on the generic pool unless its task prefers an executor, even if the awaiting code is isolated to an actor
/// whose own executor is this thread. Each such round through the pool costs two thread switches. Only what waits for a
/// `LoopSignal` comes back here in any case.
///
/// `@unchecked` because all but `remote` is touched by the loop's thread only, which the compiler cannot know.
@safe public final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// Rounds of jobs between two looks at the descriptors, so that jobs which make jobs cannot starve those.
    private static let roundsPerTurn = 64

    private let remote = Mutex<[UnownedJob]>([])
    private var local: [LoopWork] = []
    private var running: [LoopWork] = []
    private var current: LoopJob?
    /// Where the task that changes to the parking lot next is going to wait; it holds the signal meanwhile.
    private var parkingSignal: Unmanaged<LoopSignal>?
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
            local.append(.task(current?.again(as: job) ?? LoopJob(job: job)))
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
            for job in queue { local.append(.task(LoopJob(job: job))) }
            queue.removeAll(keepingCapacity: true)
        }
    }

    /// The task that runs is about to change to the parking lot.
    func prepareToPark(at signal: LoopSignal) { unsafe parkingSignal = Unmanaged.passUnretained(signal) }

    var isParkingPrepared: Bool { unsafe parkingSignal != nil }

    /// Leaves a task, as the job that it is while it waits, to its signal.
    func park(_ job: UnownedJob) {
        let job = current?.later(as: job) ?? LoopJob(job: job)
        unsafe parkingSignal?._withUnsafeGuaranteedRef { $0.hold(job) }
        unsafe parkingSignal = nil
    }

    func resume(_ work: LoopWork) { local.append(work) }

    func runJobs(on loop: isolated EventLoop) {
        let serial = unsafe asUnownedSerialExecutor()
        let preference = unsafe asUnownedTaskExecutor()
        for _ in 0..<Self.roundsPerTurn {
            if local.isEmpty { return }
            swap(&local, &running)
            for work in running {
                switch work {
                case .call(let handler): handler.signalled(on: loop)
                case .task(let job):
                    current = job
                    if job.prefersLoop {
                        unsafe job.job.runSynchronously(isolatedTo: serial, taskExecutor: preference)
                    } else {
                        unsafe job.job.runSynchronously(on: serial)
                    }
                    current = nil
                }
            }
            running.removeAll(keepingCapacity: true)
        }
    }
}

/// What has its turn on a loop.
enum LoopWork {
    case task(LoopJob)
    case call(any SignalHandler)
}

/// A piece of a task, up to where it waits next.
struct LoopJob {
    let job: UnownedJob
    /// Whether its task prefers this loop's executor. Nobody tells, and asking takes a lock. If it is wrong the task
    /// runs all the same, but its next change to the loop, where it is already, puts it into the queue: that tells.
    let prefersLoop: Bool

    init(job: UnownedJob, prefersLoop: Bool = true) {
        self.job = job
        self.prefersLoop = prefersLoop
    }

    /// To go on as `job`, which was put into the queue while this one ran.
    func again(as job: UnownedJob) -> Self { Self(job: job, prefersLoop: isSame(job) ? !prefersLoop : true) }

    /// To go on as `job`, which was parked while this one ran.
    func later(as job: UnownedJob) -> Self { Self(job: job, prefersLoop: isSame(job) ? prefersLoop : true) }

    private func isSame(_ other: UnownedJob) -> Bool {
        unsafe unsafeBitCast(job, to: UInt.self) == unsafeBitCast(other, to: UInt.self)
    }
}
