/// Where one task on a loop waits until something on the same loop happens.
///
/// Without a continuation: that resumes on a thread of the pool, unless the task prefers an executor, and of a task
/// that does, the preference is asked under a lock with every asynchronous call. So the task is parked instead, as the
/// job that it is while it does not run, and handed to the loop from there.
public final class LoopSignal {
    /// Kept from the first wait on: a signal stays with its loop.
    private var executor: LoopExecutor?
    private var waiter: LoopJob?

    public init() {}

    deinit { precondition(!isAwaited, "a signal was dropped while a task waited for it") }

    public var isAwaited: Bool { waiter != nil }

    /// Waits for `fire`. One task at a time.
    ///
    /// Inlined, because an asynchronous call costs two changes of executor even between functions of one loop.
    @inlinable @inline(__always)
    public func wait(on loop: isolated EventLoop) async {
        prepare(on: loop)
        await loop.parkingLot.park()
    }

    @usableFromInline
    func prepare(on loop: isolated EventLoop) {
        precondition(!isAwaited, "two tasks wait for one signal")
        if executor == nil { executor = loop.executor }
        loop.executor.prepareToPark(at: self)
    }

    func hold(_ job: LoopJob) { waiter = job }

    /// Lets the waiting task go on, when its turn on the loop comes; does nothing if none waits.
    public func fire() {
        guard let executor, let job = waiter else { return }
        waiter = nil
        executor.resume(job)
    }
}

/// An executor that runs nothing: who changes to it is parked at the signal that was made ready for it, and goes on,
/// when that fires, on the loop.
@usableFromInline
actor ParkingLot: SerialExecutor {
    private nonisolated let executor: LoopExecutor

    init(of executor: LoopExecutor) { self.executor = executor }

    @usableFromInline nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe asUnownedSerialExecutor() }

    @usableFromInline
    nonisolated func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    @usableFromInline
    nonisolated func enqueue(_ job: consuming ExecutorJob) { executor.park(UnownedJob(job)) }

    /// Returns when the signal has fired. The check also keeps the compiler from finding that nothing is done here.
    @usableFromInline @inline(never)
    func park() { precondition(!executor.isParkingPrepared, "a task went on without having been parked") }
}
