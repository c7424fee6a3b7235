import Domain

/// Looks at services as long as the process lives: at those with something left to do, and at those that something
/// happens to. Only services of shards that are held are looked at.
public actor ReconciliationLoop {
    /// Looks at the same time.
    public static let maximumLooks = 16
    /// How often the list of unsettled services is read again while there are other replicas: what they are told of
    /// does not come here.
    public static let resyncInterval: Duration = .seconds(1)
    /// Intervals between two readings while there are none: only a hint that was lost is found so.
    public static let loneResyncIntervals = 10
    /// The longest pause after readings that failed, in intervals.
    static let longestResyncPause = 30

    private let reconciler: Reconciler
    /// What surrounds each look.
    public typealias Surrounding = @Sendable (ModelServiceID, () async -> Void) async -> Void

    private let surround: Surrounding
    private let report: @Sendable (ServiceError, ModelServiceID?) -> Void
    private var queue = WorkQueue()
    private var isShuttingDown = false
    private var held: Set<Shard> = []
    /// Shards whose instances the runtimes may be watching: those that are held, and that may come back.
    private var watched: Set<Shard> = []
    private var isAlone = true
    /// Shards of whose services nothing is known yet, and with the how manyth holding that began.
    private var unread: [Shard: Int] = [:]
    private var holdings = 0
    /// Intervals until the lists are read again.
    private var resyncCountdown = 0
    private var failedResyncs = 0
    /// The earliest time that a timer is set for.
    private var timer: Timestamp?
    private let signal: AsyncStream<Void>
    private let signaller: AsyncStream<Void>.Continuation
    private let listSignal: AsyncStream<Void>
    private let listSignaller: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - surround: runs each look, so that it can be traced.
    ///   - report: is told why a look could not be made.
    public init(
        _ reconciler: Reconciler, surround: @escaping Surrounding = { _, look in await look() },
        report: @escaping @Sendable (ServiceError, ModelServiceID?) -> Void
    ) {
        self.reconciler = reconciler
        self.surround = surround
        self.report = report
        (signal, signaller) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (listSignal, listSignaller) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the service soon, if it is in a shard that is held: who holds another finds it. Call it after changing
    /// what is wanted; losing it costs only time.
    public func wake(_ id: ModelServiceID) {
        add(id)
        signaller.yield()
    }

    /// Looks after the services of these shards from now on, and of no others. What runs in those of other replicas is
    /// left to them; what runs in those that have lapsed is still watched.
    ///
    /// - Returns: shards that are not held and in which a look is still being made.
    public func hold(_ now: HeldNow) async -> Set<Shard> {
        let lost = held.subtracting(now.shards)
        for shard in lost { unread[shard] = nil }
        holdings += 1
        let gained = now.shards.subtracting(held)
        for shard in gained { unread[shard] = holdings }
        held = now.shards
        if !now.isAlone { resyncCountdown = min(resyncCountdown, 1) }
        isAlone = now.isAlone
        if !gained.isEmpty {
            resyncCountdown = 0
            listSignaller.yield()
        }
        if !lost.isEmpty { queue.drop { lost.contains(Shard(of: $0.uuid)) } }
        let others = watched.subtracting(held).subtracting(now.lapsed)
        watched = watched.union(held).subtracting(others)
        if !others.isEmpty {
            for runtime in reconciler.runtimes.values {
                await runtime.letGo { others.contains(Shard(of: $0.uuid)) }
            }
        }
        return Set(queue.beingLookedAt.map { Shard(of: $0.uuid) }).subtracting(held)
    }

    private func add(_ id: ModelServiceID, isRecovering: Bool = false) {
        guard held.contains(Shard(of: id.uuid)) else { return }
        queue.add(id, at: reconciler.ambient.now(), isRecovering: isRecovering)
    }

    /// Works until `shutDown()`, then waits for the looks in hand.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for runtime in reconciler.runtimes.values {
                group.addTask { for await id in runtime.changes() { await self.wake(id) } }
            }
            group.addTask { for await _ in self.listSignal { await self.resyncIfDue() } }
            group.addTask { await self.tick() }
            for await _ in signal {
                if isShuttingDown && queue.lookCount == 0 { break }
                dispatch(in: &group)
            }
            group.cancelAll()
        }
    }

    public func shutDown() {
        isShuttingDown = true
        signaller.yield()
    }

    private func dispatch(in group: inout DiscardingTaskGroup) {
        guard !isShuttingDown else { return }
        let now = reconciler.ambient.now()
        for (id, isRecovering) in queue.take(at: now, limit: Self.maximumLooks - queue.lookCount) {
            group.addTask { await self.surround(id) { await self.look(at: id, isRecovering: isRecovering) } }
        }
        // At the limit, the end of a look is what wakes the loop.
        guard queue.lookCount < Self.maximumLooks, let due = queue.nextDue, timer.map({ due < $0 }) ?? true
        else { return }
        timer = due
        let pause = max(.milliseconds(1), due - now)
        group.addTask {
            try? await Task.sleep(for: pause)
            await self.timerFired(due)
        }
    }

    private func timerFired(_ due: Timestamp) {
        if timer == due { timer = nil }
        signaller.yield()
    }

    private func look(at id: ModelServiceID, isRecovering: Bool) async {
        do throws(ServiceError) {
            let next = try await reconciler.look(at: id, isRecovering: isRecovering)
            switch next {
            case .now: queue.finish(id, next: reconciler.ambient.now())
            case .at(let time): queue.finish(id, next: time)
            case .onChange: queue.finish(id, next: nil)
            }
        } catch {
            report(error, id)
            queue.fail(
                id, wasRecovering: isRecovering, at: reconciler.ambient.now(), policy: reconciler.policy,
                random: reconciler.ambient.random())
        }
        if !held.contains(Shard(of: id.uuid)) {
            // The shard was lost during the look, which may have taken charge of an instance after that.
            queue.drop { $0 == id }
            if !watched.contains(Shard(of: id.uuid)) {
                for runtime in reconciler.runtimes.values { await runtime.letGo { $0 == id } }
            }
        }
        signaller.yield()
    }

    private func tick() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.resyncInterval)
            resyncCountdown -= 1
            listSignaller.yield()
        }
    }

    /// Reads the lists of the shards that are held: at once when one is new, and now and then.
    private func resyncIfDue() async {
        guard resyncCountdown <= 0, !held.isEmpty else { return }
        let fresh = unread
        do throws(ServiceError) {
            let unsettled = try await reconciler.repository.unsettled(in: held)
            let serving = fresh.isEmpty ? [] : try await reconciler.repository.serving(in: Set(fresh.keys))
            for id in unsettled { add(id, isRecovering: fresh[Shard(of: id.uuid)] != nil) }
            for id in serving { add(id, isRecovering: true) }
            // One that was lost and came back meanwhile has to be read again.
            for (shard, holding) in fresh where unread[shard] == holding { unread[shard] = nil }
            failedResyncs = 0
            resyncCountdown = !unread.isEmpty ? 0 : isAlone ? Self.loneResyncIntervals : 1
            signaller.yield()
        } catch {
            report(error, nil)
            failedResyncs += 1
            resyncCountdown = min(1 << min(failedResyncs, 5), Self.longestResyncPause)
        }
    }
}
