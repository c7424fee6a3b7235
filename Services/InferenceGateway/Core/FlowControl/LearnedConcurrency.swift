/// How many requests an instance takes at once, learned from what its engine says of its own queue. Pure.
///
/// As soon as the engine lets requests wait, it gets as many as it is at work on and one more, which is at hand when a
/// place comes free there; what is more waits here, where it can go to another instance and takes its turn. While none
/// waits at the engine the limit grows, and in the end goes.
public struct LearnedConcurrency: Hashable, Sendable {
    /// Looks in a row without a queue at the engine, and without use of what is allowed, after which any number goes.
    static let idleLooks = 30
    /// As much as an engine can be at work on, and one more.
    static let maximumLimit = EngineLoad.maximumCount + 1

    public private(set) var limit: Int?
    private var idle = 0

    public init() {}

    /// - Parameter outstanding: what this gateway has sent and not got back; others may send to the engine too.
    public mutating func look(at load: EngineLoad, outstanding: Int) {
        if load.waiting > 0 {
            idle = 0
            // An engine that is at work on nothing has not begun with what it was sent: how many it takes shows later.
            guard load.running > 0 else { return }
            let all = load.running + load.waiting
            // This gateway's part of what the engine works on, rounded up: less than one is none of it. Loads are
            // bounded, and so is the product.
            let part = (load.running * min(max(0, outstanding), all) + all - 1) / all
            limit = max(1, part + 1)
            return
        }
        guard let limit else { return }
        if outstanding >= limit {
            idle = 0
            // As above, or it tells of a moment ago.
            if load.running > 0 { self.limit = min(limit + max(1, limit / 8), Self.maximumLimit) }
        } else {
            idle += 1
            if idle >= Self.idleLooks { self.limit = nil }
        }
    }
}
