import Dapr
import Domain
import FoundationEssentials
import Persistence
import Synchronization
import TestSupport
import Testing

@testable import ModelServing
@testable import ModelServingCore

/// Several replicas on one store that refuses, goes away and loses answers. They are held up at random, die, come back
/// under their names, and none of their clocks shows what another's does.
@Suite struct LeaseSimulationTests {
    static let seeds: [UInt64] = {
        if let seed = ProcessInfo.processInfo.environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...8)
    }()

    @Test(.timeLimit(.minutes(2)), arguments: seeds)
    func neverTwoHoldAShardAndSoonOneDoes(seed: UInt64) async throws {
        let world = LeaseWorld(seed: seed)
        for _ in 0..<150 { await world.step() }
        await world.calmDown()
        #expect(world.holders().allSatisfy { $0.value.count == 1 }, "SEED=\(seed): \(world.summary)")
        let shares = world.shares()
        #expect(shares.count == world.runningCount, "everybody has a share; SEED=\(seed): \(world.summary)")
    }

    /// A restart of the only replica costs no time at all.
    @Test func takesOverItsOwnLeasesAtOnceAfterACrash() async {
        let world = LeaseWorld(seed: 1, replicas: 1, faults: .init())
        await world.calmDown()
        world.restart(0)
        await world.round(0)
        #expect(world.holders().count == Shard.count)
    }

    /// Nobody waits for a lease to run out that was given back.
    @Test func handsOverAtOnceOnAnOrderlyEnd() async {
        let world = LeaseWorld(seed: 1, replicas: 2, faults: .init())
        await world.calmDown()
        await world.leave(0)
        await world.round(1)
        #expect(world.holders().count == Shard.count)
    }
}

/// The replicas, the store and true time.
private final class LeaseWorld: Sendable {
    struct Simulated: Sendable {
        var name: ReplicaID
        var keeper: LeaseKeeper
        var held: HeldShards
        var isRunning = true
        var isInRound = false
        /// True time of its next round.
        var next: Duration
    }

    private struct State {
        var time: Duration = .seconds(1000)
        var generator: SeededGenerator
        var replicas: [Simulated] = []
        var incarnations = 0
        var isCalm = false
    }

    private static let times = LeaseTimes(duration: .seconds(15))
    private let state: Mutex<State>
    private let store: FaultyStateStore
    private let failures = Mutex<[String]>([])

    init(
        seed: UInt64, replicas: Int = 3,
        faults: FaultyStateStore.Faults = .init(conflict: 0.1, lostAnswer: 0.1, outage: 0.1)
    ) {
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        let memory = InMemoryStateStore(now: { Timestamp(millisecondsSinceEpoch: 0) })
        store = FaultyStateStore(memory, seed: seed, faults: faults)
        for number in 0..<replicas {
            guard let name = ReplicaID("replica-\(number)") else { continue }
            let replica = make(name)
            state.withLock { $0.replicas.append(replica) }
        }
    }

    private var isCalm: Bool { state.withLock { $0.isCalm } }

    private var now: Duration { state.withLock { $0.time } }

    private func random(_ range: ClosedRange<Int>) -> Int {
        state.withLock { .random(in: range, using: &$0.generator) }
    }

    /// A process with a clock of its own: another origin, and a time of day that is hours off.
    private func make(_ name: ReplicaID) -> Simulated {
        let offset = Duration.seconds(random(0...1_000_000))
        let error = Duration.seconds(random(-20_000...20_000))
        let elapsed: @Sendable () -> Duration = { [weak self] in (self?.now ?? .zero) + offset }
        let incarnation = state.withLock { state in
            state.incarnations += 1
            return state.incarnations
        }
        let held = HeldShards(elapsed: elapsed)
        let keeper = LeaseKeeper(
            Replica(id: name, incarnation: "\(incarnation)"), times: Self.times,
            store: DaprLeaseStore(RecordStore(SlowStore(store: store, pause: { [weak self] in await self?.delay() }))),
            held: held, elapsed: elapsed,
            now: { Timestamp(millisecondsSinceEpoch: 1_800_000_000_000) + elapsed() + error },
            follow: { _ in [] }, report: { _ in })
        return Simulated(name: name, keeper: keeper, held: held, next: now)
    }

    /// Time passes between any two calls of a replica, and sometimes a lot: the process is stopped, or the answer slow.
    /// Meanwhile others make their rounds.
    private func delay() async {
        let isLong = !isCalm && random(1...40) == 1
        let pause = Duration.milliseconds(isLong ? random(1000...40_000) : random(0...200))
        let end = now + pause
        while let other = due(before: end) { await round(other) }
        state.withLock { $0.time = max($0.time, end) }
        check()
    }

    /// The replica whose turn is first.
    private func due(before end: Duration) -> Int? {
        state.withLock { state in
            let ready = state.replicas.indices.filter { index in
                state.replicas[index].isRunning && !state.replicas[index].isInRound && state.replicas[index].next < end
            }
            return ready.min { state.replicas[$0].next < state.replicas[$1].next }
        }
    }

    /// Whoever is due makes a round; or one dies, comes back, or is held up.
    func step() async {
        switch random(1...60) {
        case 1: restart(random(0...state.withLock { $0.replicas.count } - 1))
        case 2:
            let victim = random(0...state.withLock { $0.replicas.count } - 1)
            state.withLock { $0.replicas[victim].isRunning.toggle() }
        case 3:
            let (victim, pause) = (random(0...state.withLock { $0.replicas.count } - 1), random(1...60))
            state.withLock { $0.replicas[victim].next += .seconds(pause) }
        case 4: await leave(random(0...state.withLock { $0.replicas.count } - 1))
        default: advance(by: .milliseconds(random(0...500)))
        }
        if let next = due(before: now + .seconds(3600)) { await round(next) } else { advance(by: .seconds(5)) }
    }

    private func advance(by duration: Duration) { state.withLock { $0.time += duration } }

    func round(_ index: Int) async {
        let keeper = state.withLock { state in
            state.time = max(state.time, state.replicas[index].next)
            state.replicas[index].isInRound = true
            return state.replicas[index].keeper
        }
        check()
        let pause = await keeper.round()
        state.withLock { state in
            state.replicas[index].isInRound = false
            state.replicas[index].next = state.time + pause
        }
        check()
    }

    /// Dies without a word, and another process begins under the same name.
    func restart(_ index: Int) {
        let name = state.withLock { $0.replicas[index].name }
        let fresh = make(name)
        state.withLock { $0.replicas[index] = fresh }
    }

    /// Ends in order, and begins again later as another process.
    func leave(_ index: Int) async {
        let keeper = state.withLock { state in
            state.replicas[index].isInRound = true
            return state.replicas[index].keeper
        }
        await keeper.leave()
        check()
        restart(index)
        state.withLock { $0.replicas[index].next += .seconds(60) }
    }

    /// No more faults; then for as long as it may take.
    func calmDown() async {
        store.faults = .init()
        state.withLock { state in
            state.isCalm = true
            for index in state.replicas.indices {
                state.replicas[index].isRunning = true
                state.replicas[index].next = min(state.replicas[index].next, state.time + .seconds(1))
            }
        }
        let end = now + .seconds(90)
        while now < end {
            await round(due(before: end + .seconds(3600)) ?? 0)
        }
    }

    // MARK: What must be true

    var runningCount: Int { state.withLock { $0.replicas.count { $0.isRunning } } }

    func shares() -> [ReplicaID: Int] {
        let replicas = state.withLock { $0.replicas }
        return Dictionary(uniqueKeysWithValues: replicas.map { ($0.name, $0.held.shards.count) }).filter {
            $0.value > 0
        }
    }

    /// Who believes at this instant to hold what.
    func holders() -> [Shard: [ReplicaID]] {
        let replicas = state.withLock { $0.replicas }
        var holders: [Shard: [ReplicaID]] = [:]
        for replica in replicas {
            for shard in replica.held.shards { holders[shard, default: []].append(replica.name) }
        }
        return holders
    }

    private func check() {
        let twice = holders().filter { $0.value.count > 1 }
        #expect(twice.isEmpty, "\(summary)")
    }

    var summary: String { "at \(now): \(shares())" }
}

/// Lets time pass before and after each call, so that an answer may be old when it comes.
private struct SlowStore: StateStore {
    let store: any StateStore
    let pause: @Sendable () async -> Void

    func get(_ key: String) async throws(DaprError) -> StateEntry? {
        await pause()
        let entry = try await store.get(key)
        await pause()
        return entry
    }

    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        await pause()
        let entries = try await store.get(keys)
        await pause()
        return entries
    }

    func transact(_ operations: [StateOperation]) async throws(DaprError) {
        await pause()
        try await store.transact(operations)
        await pause()
    }
}
