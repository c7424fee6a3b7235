import Domain
import Synchronization

/// The shards that this replica holds at this moment. Whoever is about to do something asks here first.
public final class HeldShards: Sendable {
    private let ends = Mutex<[Shard: Duration]>([:])
    private let elapsed: @Sendable () -> Duration

    /// - Parameter elapsed: a clock that nobody sets; it must go on while the machine sleeps.
    public init(elapsed: @escaping @Sendable () -> Duration) { self.elapsed = elapsed }

    public func contains(_ shard: Shard) -> Bool {
        let now = elapsed()
        return ends.withLock { ends in ends[shard].map { now < $0 } ?? false }
    }

    /// Those that are held now, in order.
    public var shards: [Shard] {
        let now = elapsed()
        return ends.withLock { ends in ends.filter { now < $0.value }.keys.sorted { $0.number < $1.number } }
    }

    /// - Parameter ends: until when each is held.
    func replace(_ new: [Shard: Duration]) { ends.withLock { $0 = new } }
}
