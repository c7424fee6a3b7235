import Domain

/// Keeps the leases that fall to this replica, and gives away those that fall to others.
public actor LeaseKeeper {
    /// Tries in one round when others write at the same time.
    static let maximumAttempts = 3

    /// Told which shards are held from now on. Answers those that are not held and in which something is still being
    /// done.
    public typealias Follow = @Sendable (HeldNow) async -> Set<Shard>

    private let store: any LeaseStore
    private let held: HeldShards
    private let elapsed: @Sendable () -> Duration
    private let now: @Sendable () -> Timestamp
    private let follow: Follow
    private let report: @Sendable (LeaseNews) -> Void
    private var book: LeaseBook
    private var published: Set<Shard> = []
    private var takeovers: Set<Shard> = []

    /// - Parameters:
    ///   - held: is kept up to date.
    ///   - elapsed: the clock of `held`.
    public init(
        _ replica: Replica, times: LeaseTimes, store: any LeaseStore, held: HeldShards,
        elapsed: @escaping @Sendable () -> Duration, now: @escaping @Sendable () -> Timestamp,
        follow: @escaping Follow, report: @escaping @Sendable (LeaseNews) -> Void
    ) {
        self.store = store
        self.held = held
        self.elapsed = elapsed
        self.now = now
        self.follow = follow
        self.report = report
        book = LeaseBook(replica, times: times)
    }

    /// Works until the task is cancelled. The leases stay as they are then: `leave()` gives them back.
    public func run() async {
        while !Task.isCancelled {
            let pause = await round()
            try? await Task.sleep(for: pause)
        }
    }

    /// Looks at the records once and does what is to be done.
    /// - Returns: how long to wait before the next round.
    func round() async -> Duration {
        var isDone = false
        do throws(ServiceError) {
            for _ in 0..<Self.maximumAttempts where !isDone { isDone = try await attempt() }
        } catch {
            if !Task.isCancelled { report(.failed(error)) }
        }
        _ = await publish()
        return isDone ? book.pause(at: elapsed()) : book.times.pace
    }

    /// Gives everything back. Nothing may be under way any more in any shard.
    public func leave() async {
        book.renounce()
        held.replace([:])
        do throws(ServiceError) {
            for _ in 0..<Self.maximumAttempts {
                let records = try await store.read()
                book.observe(records, at: elapsed())
                let releases = book.releases(now())
                var isDone = releases.isEmpty
                if !isDone { isDone = try await store.write(releases) }
                if let rest = book.farewell() {
                    isDone = try await store.write(rest, over: records.members?.version) && isDone
                }
                if isDone { return }
            }
        } catch {
            report(.failed(error))
        }
    }

    /// - Returns: whether every write won.
    private func attempt() async throws(ServiceError) -> Bool {
        let records = try await store.read()
        book.observe(records, at: elapsed())
        // What falls to another is let go of before its lease is.
        let busy = await publish()
        let plan = book.plan(at: elapsed(), busy: busy, now())
        var isDone = try await write(plan.renewals)
        if try await write(plan.transfers) { takeovers.formUnion(plan.takeovers) } else { isDone = false }
        if let members = book.beat(at: elapsed(), now()) {
            let began = elapsed()
            if try await store.write(members, over: records.members?.version) {
                book.confirmBeat(at: began)
            } else {
                isDone = false
            }
        }
        return isDone
    }

    private func write(_ writes: [LeaseWrite]) async throws(ServiceError) -> Bool {
        guard !writes.isEmpty else { return true }
        let began = elapsed()
        guard try await store.write(writes) else { return false }
        book.confirm(writes, began: began)
        return true
    }

    private func publish() async -> Set<Shard> {
        let time = elapsed()
        let ends = book.held(at: time)
        held.replace(ends)
        let current = Set(ends.keys)
        if current != published {
            let owners = book.owners(at: time)
            let gone = published.subtracting(current)
            let lost = gone.filter { owners[$0] == book.replica.id || book.isSuperseded(at: time) }
            report(
                .changed(
                    LeaseChange(
                        taken: current.subtracting(published), takenOver: takeovers.intersection(current),
                        givenAway: gone.subtracting(lost), lost: lost, held: current.count,
                        members: book.liveMembers(at: time))))
            published = current
        }
        takeovers = []
        return await follow(
            HeldNow(shards: current, lapsed: book.lapsed(at: time), isAlone: book.liveMembers(at: time).count <= 1))
    }
}

/// What a replica looks after at this moment.
public struct HeldNow: Hashable, Sendable {
    public let shards: Set<Shard>
    /// Shards that it may not act for, since their leases were not renewed in time, and that nobody else has either.
    public let lapsed: Set<Shard>
    /// No other replica shares the work.
    public let isAlone: Bool

    public init(shards: Set<Shard>, lapsed: Set<Shard> = [], isAlone: Bool) {
        self.shards = shards
        self.lapsed = lapsed
        self.isAlone = isAlone
    }
}

/// What a keeper tells of its work.
public enum LeaseNews: Sendable {
    case changed(LeaseChange)
    /// The records cannot be read or written.
    case failed(ServiceError)
}

/// A change of the shards that a replica holds.
public struct LeaseChange: Hashable, Sendable {
    public let taken: Set<Shard>
    /// Those of them whose former holder did not release them.
    public let takenOver: Set<Shard>
    public let givenAway: Set<Shard>
    /// Those that could not be renewed in time, or that somebody else has taken.
    public let lost: Set<Shard>
    /// How many are held now.
    public let held: Int
    public let members: Set<ReplicaID>
}
