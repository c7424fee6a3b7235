import CLinux
import Glibc

/// One thread that waits for descriptors and timers, and runs the tasks that belong to it.
///
/// What lives on a loop (connections, pools, libcurl handles) is a plain class in this actor's region: its functions
/// take `on loop: isolated EventLoop`, and no lock is ever needed. Tasks are started with
/// `Task(executorPreference: loop.executor)`, and then resume here wherever they were suspended; those that wait for
/// nothing but what lives here can do without the preference, which makes each asynchronous call dearer.
///
/// Nothing on a loop may block or compute for long: everything else on it waits meanwhile.
public actor EventLoop {
    private static let eventsPerTurn = 256

    public nonisolated let executor: LoopExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// When this turn of the loop began.
    public var now: LoopInstant { turnStart }
    private var turnStart = EventLoop.clock()

    /// Where tasks on this loop wait.
    @usableFromInline nonisolated let parkingLot: ParkingLot
    private let poll: Poll
    private var handlers = DescriptorTable()
    private var timers = TimerQueue<any TimerHandler>()
    /// For `LoopReference`.
    var objects = ObjectTable()
    /// For `LoopLocal`: found with each request, and few.
    var locals: [AnyObject?] = []
    private var isStopping = false

    init() {
        executor = LoopExecutor()
        parkingLot = ParkingLot(of: executor)
        poll = Poll(capacity: Self.eventsPerTurn)
    }

    /// The loop whose thread this is.
    public nonisolated static var current: EventLoop? { LoopThread.current }

    /// Runs `body` on this loop. The way in from elsewhere.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @Sendable (isolated EventLoop) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await body(self)
    }

    // MARK: Descriptors

    /// Watches a descriptor, which stays the caller's: `remove` comes before closing it. The handler is kept until
    /// then.
    /// - Throws: when the kernel's limit of watches is reached or the descriptor cannot be watched.
    public func add(
        _ descriptor: Int32, _ events: ReadyEvents, handler: any DescriptorHandler
    ) throws(SystemError) {
        let generation = handlers.insert(handler, for: descriptor)
        do throws(SystemError) {
            try poll.add(descriptor, events, generation: generation)
        } catch {
            handlers.remove(descriptor)
            throw error
        }
    }

    /// Changes what a watched descriptor is watched for.
    public func modify(_ descriptor: Int32, _ events: ReadyEvents) throws(SystemError) {
        guard let generation = handlers.generation(of: descriptor) else { return }
        try poll.modify(descriptor, events, generation: generation)
    }

    /// Does nothing if the descriptor is not watched.
    public func remove(_ descriptor: Int32) {
        guard handlers.remove(descriptor) else { return }
        poll.remove(descriptor)
    }

    // MARK: Timers

    /// Timers fire once, in the turn of the loop that begins at or after `deadline`.
    @discardableResult
    public func schedule(at deadline: LoopInstant, _ handler: any TimerHandler) -> LoopTimer {
        timers.schedule(handler, at: deadline)
    }

    @discardableResult
    public func schedule(after delay: Duration, _ handler: any TimerHandler) -> LoopTimer {
        timers.schedule(handler, at: Self.clock() + LoopDuration(delay))
    }

    public func cancel(_ timer: LoopTimer) { timers.cancel(timer) }

    // MARK: Turning

    /// Runs the loop on the calling thread until it is stopped.
    nonisolated func runOnThisThread() {
        LoopThread.current = self
        // Once for all turns: each time would be a look at whose thread this is, and an object for the closure.
        assumeIsolated { $0.turnUntilStopped() }
        LoopThread.current = nil
    }

    private func turnUntilStopped() {
        do throws(SystemError) {
            try poll.add(executor.wakeDescriptor, .readable, generation: 0)
        } catch {
            preconditionFailure("an event loop cannot be woken: \(error)")
        }
        while !isStopping || executor.hasJobs {
            executor.runJobs(on: self)
            turn()
        }
        // Handlers and timers refer to what refers to the loop.
        handlers = DescriptorTable()
        timers = TimerQueue()
        objects = ObjectTable()
        locals = []
    }

    func stop() { isStopping = true }

    private func turn() {
        let count = poll.wait(milliseconds: pollTimeout())
        turnStart = Self.clock()
        for index in 0..<count {
            let (descriptor, generation, events) = poll.event(index)
            if descriptor == executor.wakeDescriptor {
                executor.takeRemoteJobs()
            } else if let handler = handlers.handler(descriptor, generation) {
                handler.ready(events, on: self)
            }
        }
        while let (timer, target) = timers.popDue(turnStart) { target.timerFired(timer, on: self) }
    }

    private func pollTimeout() -> Int32 {
        if executor.hasJobs || isStopping { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let now = Self.clock()
        guard deadline > now else { return 0 }
        // Rounded up: waking a moment before the deadline would only mean to sleep again.
        return Int32(clamping: (deadline.nanoseconds - now.nanoseconds + 999_999) / 1_000_000)
    }

    /// The time of day.
    public static func secondsSinceEpoch() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    static func clock() -> LoopInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return LoopInstant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
