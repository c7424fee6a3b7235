import Synchronization

/// One instance of a service, with how busy this gateway keeps it and how it fares.
public final class Upstream: Sendable {
    public let address: UpstreamAddress
    public let meter: InstanceMeter
    public let health: UpstreamHealth
    private let count = Atomic<Int>(0)
    private let limit = Atomic<Int>(.max)
    private let told = Mutex<EngineLoad?>(nil)

    init(address: UpstreamAddress, meter: InstanceMeter) {
        self.address = address
        self.meter = meter
        health = UpstreamHealth(countedBy: meter)
    }

    /// Requests sent to it whose answers have not ended.
    public var outstanding: Int { count.load(ordering: .relaxed) }

    /// Requests that it is sent at once; nil for any number.
    public var concurrency: Int? {
        let limit = limit.load(ordering: .relaxed)
        return limit == .max ? nil : limit
    }

    /// What is there already stays, also if it is more.
    public func restrict(to concurrency: Int?) {
        limit.store(concurrency ?? .max, ordering: .sequentiallyConsistent)
    }

    /// What the engine said of itself when it was asked last, which it is while it is busy; nil for one that does not
    /// tell.
    public var load: EngineLoad? { told.withLock { $0 } }

    public func tell(of load: EngineLoad?) { told.withLock { $0 = load } }

    /// Takes a place at the instance, which `end()` gives back.
    ///
    /// In one order with the entries of `ServiceQueue`, so that a place that comes free while a request begins to wait
    /// is seen by one of the two.
    /// - Returns: false if all places are taken.
    public func begin() -> Bool {
        var seen = count.load(ordering: .relaxed)
        while seen < limit.load(ordering: .relaxed) {
            let (isExchanged, original) = count.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .sequentiallyConsistent)
            if isExchanged { return true }
            seen = original
        }
        return false
    }

    /// `ServiceQueue.placeIsFree` follows.
    public func end() { count.subtract(1, ordering: .sequentiallyConsistent) }
}
