/// Where one task or object on a loop waits until something on the same loop happens.
///
/// A task waits without a continuation: that resumes on a thread of the pool, unless the task prefers an executor, and
/// of a task that does, the preference is asked under a lock with every asynchronous call. So the task is parked
/// instead, as the job that it is while it does not run, and handed to the loop from there.
public final class LoopSignal {
    /// Kept from the first wait on: a signal stays with its loop.
    private var executor: LoopExecutor?
    private var waiter: LoopWork?

    public init() {}

    deinit {
        if case .task = waiter { preconditionFailure("a signal was dropped while a task waited for it") }
    }

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
        claim(on: loop)
        loop.executor.prepareToPark(at: self)
    }

    func hold(_ job: LoopJob) { waiter = .task(job) }

    /// Has `handler` called once, when its turn on the loop comes after `fire`. It is kept until then.
    public func notify(_ handler: any SignalHandler, on loop: isolated EventLoop) {
        claim(on: loop)
        waiter = .call(handler)
    }

    private func claim(on loop: isolated EventLoop) {
        precondition(!isAwaited, "two wait for one signal")
        if executor == nil { executor = loop.executor }
    }

    /// Lets who waits go on, when its turn on the loop comes; does nothing if nobody waits.
    public func fire() {
        guard let executor, let work = waiter.take() else { return }
        executor.resume(work)
    }
}

/// Waits for a signal without a task, which costs a fraction of what a task's waiting does.
public protocol SignalHandler: AnyObject {
    func signalled(on loop: isolated EventLoop)
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
