import Domain
import Synchronization
import Testing

@testable import ModelServingCore

/// The loop with the time of day, over simulated neighbours.
@Suite struct ReconciliationLoopTests {
    @Test(.timeLimit(.minutes(1)))
    func bringsUpWhatItIsToldOfAndFindsTheRestItself() async throws {
        let chaos = Chaos(seed: 1)
        let clock = ContinuousClock()
        let begin = clock.now
        let ambient = Ambient(
            now: { Timestamp(millisecondsSinceEpoch: 0) + begin.duration(to: clock.now) }, random: { chaos.random() })
        var policy = ReconciliationPolicy()
        policy.lookAgainAfter = .milliseconds(5)
        let repository = MemoryRepository(chaos: chaos, policy: policy)
        let runtime = SimulatedRuntime(chaos: chaos)
        let failures = Mutex(0)
        let loop = ReconciliationLoop(
            Reconciler(
                repository: repository, catalog: SimulatedCatalog(chaos: chaos),
                claims: SimulatedClaims(chaos: chaos, capacity: 100_000), runtimes: [runtime], policy: policy,
                ambient: ambient),
            report: { _, _ in failures.withLock { $0 += 1 } })
        let create = CreateModelService(
            repository: repository, runtimes: AvailableRuntimes([runtime]), ambient: ambient,
            wake: { await loop.wake($0) })
        for number in 0..<10 {
            // Nobody tells the loop about these.
            let silent = CreateModelService(
                repository: repository, runtimes: AvailableRuntimes([runtime]), ambient: ambient, wake: { _ in })
            _ = try await silent(
                try #require(ServiceName("silent-\(number)")), Simulation.configuration(), owner: nil, by: .all,
                once: nil)
        }
        let running = Task { await loop.run() }
        _ = await loop.hold(HeldNow(shards: Set(Shard.all), isAlone: true))
        for number in 0..<30 {
            _ = try await create(
                try #require(ServiceName("told-\(number)")), Simulation.configuration(), owner: nil, by: .all,
                once: nil)
        }
        while repository.services.contains(where: { $0.status != .running }) { await Task.yield() }
        #expect(runtime.instances.count == 40)
        #expect(failures.withLock { $0 } == 0)
        await loop.shutDown()
        await running.value
    }

    @Test(.timeLimit(.minutes(1)))
    func looksOnlyAtWhatItHoldsAndLetsGoOfTheRest() async throws {
        let simulation = Simulation(seed: 1, capacity: 100_000)
        let loop = ReconciliationLoop(simulation.reconciler, report: { _, _ in })
        var ids: [ModelServiceID] = []
        for number in 0..<30 {
            ids.append(try await simulation.service(named: "service-\(number)"))
            simulation.chaos.advance(by: .milliseconds(37))
        }
        let own = Set(Shard.all.filter { $0.number % 2 == 0 })
        let (mine, theirs) = (
            ids.filter { own.contains(Shard(of: $0.uuid)) }, ids.filter { !own.contains(Shard(of: $0.uuid)) }
        )
        try #require(!mine.isEmpty && !theirs.isEmpty)
        let running = Task { await loop.run() }
        #expect(await loop.hold(HeldNow(shards: own, isAlone: false)).isEmpty)
        for id in theirs { await loop.wake(id) }
        while simulation.repository.services.contains(where: { mine.contains($0.id) && $0.status != .running }) {
            simulation.chaos.advance(by: .milliseconds(100))
            for id in mine { await loop.wake(id) }
            await Task.yield()
        }
        let untouched = simulation.repository.services.filter { theirs.contains($0.id) }
        #expect(untouched.allSatisfy { $0.instances.allSatisfy { $0.phase == .pending } })
        // The store is away: nobody else may have them, so that they are still watched.
        let lapsed = HeldNow(shards: [], lapsed: own, isAlone: false)
        while await !loop.hold(lapsed).isEmpty {}
        #expect(simulation.runtime.released.isEmpty)
        while await !loop.hold(HeldNow(shards: [], isAlone: false)).isEmpty {}
        #expect(simulation.runtime.released == Set(mine))
        await loop.shutDown()
        await running.value
    }

    /// Nothing is done outside once the service is another's, whatever was read before.
    @Test(arguments: 0...2) func doesNothingOutsideWhenTheServiceIsLost(afterQuestions answers: Int) async throws {
        let simulation = Simulation(seed: 1)
        let id = try await simulation.service()
        while try await simulation.find(id).instances.first?.phase != .claiming {
            _ = try await simulation.reconciler.look(at: id)
        }
        let asked = Mutex(0)
        let reconciler = Reconciler(
            repository: simulation.repository, catalog: simulation.catalog, claims: simulation.claims,
            runtimes: [simulation.runtime], policy: ReconciliationPolicy(), ambient: simulation.chaos.ambient,
            holds: { _ in
                asked.withLock { count in
                    count += 1
                    return count <= answers
                }
            })
        #expect(try await reconciler.look(at: id) == .onChange)
        #expect(simulation.claims.holders.isEmpty)
        _ = try await simulation.reconciler.look(at: id)
        #expect(simulation.claims.holders.count == 1)
    }
}
