import Domain

/// Looks at services as long as the process lives: at those with something left to do, and at those that something
/// happens to.
public actor ReconciliationLoop {
    /// Looks at the same time.
    public static let maximumLooks = 16
    /// How often the list of unsettled services is read again, in case a hint was lost.
    public static let resyncInterval: Duration = .seconds(10)

    private let reconciler: Reconciler
    private let report: @Sendable (ServiceError, ModelServiceID?) -> Void
    private var queue = WorkQueue()
    private var isShuttingDown = false
    /// The earliest time that a timer is set for.
    private var timer: Timestamp?
    private let signal: AsyncStream<Void>
    private let signaller: AsyncStream<Void>.Continuation

    /// - Parameter report: is told why a look could not be made.
    public init(
        _ reconciler: Reconciler, report: @escaping @Sendable (ServiceError, ModelServiceID?) -> Void
    ) {
        self.reconciler = reconciler
        self.report = report
        (signal, signaller) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the service soon. Call it after changing what is wanted; losing it costs only time.
    public func wake(_ id: ModelServiceID) {
        queue.add(id, at: reconciler.ambient.now())
        signaller.yield()
    }

    /// Works until `shutDown()`, then waits for the looks in hand.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.takeCharge() }
            for runtime in reconciler.runtimes.values {
                group.addTask { for await id in runtime.changes() { await self.wake(id) } }
            }
            group.addTask { await self.resync() }
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
            group.addTask { await self.look(at: id, isRecovering: isRecovering) }
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
        signaller.yield()
    }

    /// Finds every service that has something deployed or something left to do, and looks at it as one that this
    /// process knows nothing about.
    private func takeCharge() async {
        var page = PageRequest(size: PageRequest.maximumSize)
        var failures = 0
        while !Task.isCancelled {
            do throws(ServiceError) {
                let services = try await reconciler.repository.list(page)
                for service in services.elements where service.instances.contains(where: \.phase.mayBeDeployed) {
                    queue.add(service.id, at: reconciler.ambient.now(), isRecovering: true)
                }
                signaller.yield()
                failures = 0
                guard let next = services.next else { return }
                page = PageRequest(size: PageRequest.maximumSize, after: next)
            } catch {
                report(error, nil)
                failures += 1
                try? await Task.sleep(
                    for: reconciler.policy.pause(after: failures, random: reconciler.ambient.random()))
            }
        }
    }

    private func resync() async {
        while !Task.isCancelled {
            do throws(ServiceError) {
                for id in try await reconciler.repository.unsettled() {
                    queue.add(id, at: reconciler.ambient.now())
                }
                signaller.yield()
            } catch {
                report(error, nil)
            }
            try? await Task.sleep(for: Self.resyncInterval)
        }
    }
}
