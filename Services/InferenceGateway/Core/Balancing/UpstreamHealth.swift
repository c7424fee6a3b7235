import Synchronization

/// How an instance has answered lately. Of an instance that is well, reading and recording costs one look at a flag.
public final class UpstreamHealth: Sendable {
    private let isClear = Atomic<Bool>(true)
    private let ejected = Atomic<Bool>(false)
    private let ejection = Mutex(Ejection())
    /// Counts the ejections, also those from where the instance was before.
    private let meter: InstanceMeter

    init(countedBy meter: InstanceMeter) { self.meter = meter }

    /// Ejected, be its pause over or not.
    public var isEjected: Bool { ejected.load(ordering: .relaxed) }

    /// Whether a request may go there.
    func isUsable(at now: () -> ContinuousClock.Instant) -> Bool {
        !isEjected || ejection.withLock { $0.isOver(at: now()) }
    }

    /// A request goes there: if that was ejected, to see whether it is back.
    func willBeAsked(at now: () -> ContinuousClock.Instant) {
        guard isEjected else { return }
        ejection.withLock { ejection in
            let now = now()
            if ejection.isOver(at: now) { ejection.beginTrial(at: now) }
        }
    }

    /// - Parameter status: of an answer that begins. Those that say that the engine failed are failures; 501 only says
    ///   what it can.
    public func record(status: Int, at now: ContinuousClock.Instant) {
        if status >= 500, status != 501 { return record(.failed, at: now) }
        guard !isClear.load(ordering: .relaxed) else { return }
        change { ejection in
            ejection.answerBegan()
            return false
        }
    }

    /// An answer has come to its end.
    public func recordEnd() {
        guard !isClear.load(ordering: .relaxed) else { return }
        change { ejection in
            ejection.answerEnded()
            return false
        }
    }

    /// An answer broke off that had begun well.
    public func recordBreak(at now: ContinuousClock.Instant) { record(.brokeOff, at: now) }

    /// No connection, or no answer in all the time that one may take.
    public func recordUnreachable(at now: ContinuousClock.Instant) { record(.unreachable, at: now) }

    /// No answer came.
    public func recordFailure(at now: ContinuousClock.Instant) { record(.failed, at: now) }

    private func record(_ failure: Ejection.Failure, at now: ContinuousClock.Instant) {
        change { $0.record(failure, at: now) }
    }

    /// - Parameter change: returns whether it ejects the instance.
    private func change(_ change: (inout Ejection) -> Bool) {
        ejection.withLock { ejection in
            if change(&ejection) { meter.recordEjection() }
            isClear.store(ejection.isClear, ordering: .relaxed)
            ejected.store(ejection.until != nil, ordering: .relaxed)
        }
    }
}
