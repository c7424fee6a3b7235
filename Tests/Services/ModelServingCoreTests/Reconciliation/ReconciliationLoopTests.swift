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
                try #require(ServiceName("silent-\(number)")), Simulation.configuration(), once: nil)
        }
        let running = Task { await loop.run() }
        _ = await loop.hold(Set(Shard.all), isAlone: true)
        for number in 0..<30 {
            _ = try await create(try #require(ServiceName("told-\(number)")), Simulation.configuration(), once: nil)
        }
        while repository.services.contains(where: { $0.status != .running }) { await Task.yield() }
        #expect(runtime.instances.count == 40)
        #expect(failures.withLock { $0 } == 0)
        await loop.shutDown()
        await running.value
    }
}
