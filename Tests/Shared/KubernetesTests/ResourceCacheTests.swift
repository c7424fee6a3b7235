import Domain
import FakeKubernetes
import JSON
import Observability
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(2)))
struct ResourceCacheTests {
    private typealias Cache = ResourceCache<Int64>

    @Test func followsWhatHappens() async throws {
        try await run { world, cache in
            world.server.put(.deployment, "a", Fixtures.deployment("a", labels: ["ours": "1"]))
            try await until(cache) { $0.value("a") == 1 }
            world.server.put(.deployment, "a", ["spec": ["replicas": 5]])
            try await until(cache) { $0.value("a") == 5 }
            world.server.put(.deployment, "b", Fixtures.deployment("b"))
            world.server.put(.deployment, "c", Fixtures.deployment("c", replicas: 3, labels: ["ours": "1"]))
            try await until(cache) { $0.values == ["a": 5, "c": 3] }
            #expect(cache.values(inGroup: "odd") == [5, 3])
            world.server.put(.deployment, "a", ["spec": ["replicas": 4]])
            world.server.delete(.deployment, "c")
            try await until(cache) { $0.values == ["a": 4] }
            #expect(cache.values(inGroup: "odd").isEmpty)
            #expect(world.server.count("list deployments.apps") == 1)
            #expect(world.server.count("watch deployments.apps") == 1)
        }
    }

    @Test func goesOnFromABookmarkWithoutAList() async throws {
        try await run { world, cache in
            world.server.put(.deployment, "a", Fixtures.deployment("a", labels: ["ours": "1"]))
            try await until(cache) { $0.value("a") == 1 }
            // Nothing of ours, so only a bookmark carries the version on.
            world.server.compact()
            world.server.sendBookmarks()
            world.server.put(.deployment, "a", ["spec": ["replicas": 2]])
            try await until(cache) { $0.value("a") == 2 }
            world.server.cutWatches()
            world.server.put(.deployment, "a", ["spec": ["replicas": 3]])
            try await until(cache) { $0.value("a") == 3 }
            #expect(world.server.count("list deployments.apps") == 1)
        }
    }

    @Test func listsAnewWhenItsVersionWasForgotten() async throws {
        try await run { world, cache in
            world.server.put(.deployment, "a", Fixtures.deployment("a", labels: ["ours": "1"]))
            world.server.put(.deployment, "b", Fixtures.deployment("b", labels: ["ours": "1"]))
            try await until(cache) { $0.values.count == 2 }
            await world.server.stop()
            world.server.delete(.deployment, "a")
            world.server.put(.deployment, "c", Fixtures.deployment("c", labels: ["ours": "1"]))
            world.server.compact()
            try await world.server.start()
            try await until(cache) { $0.values == ["b": 1, "c": 1] }
            #expect(world.server.count("list deployments.apps") == 2)
        }
    }

    @Test func keepsWhatItKnowsWhileTheServerIsAway() async throws {
        try await run { world, cache in
            world.server.put(.deployment, "a", Fixtures.deployment("a", labels: ["ours": "1"]))
            try await until(cache) { $0.value("a") == 1 }
            let before = try #require(cache.currentSince)
            await world.server.stop()
            while true {
                if case .cutOff(_, .unreachable) = cache.condition { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(cache.value("a") == 1)
            #expect(cache.currentSince == nil)
            try await world.server.start()
            #expect(await cache.becomesCurrent(within: .seconds(60)))
            #expect(cache.value("a") == 1)
            let after = try #require(cache.currentSince)
            #expect(after > before)
        }
    }

    @Test func saysWhyItKnowsNothing() async throws {
        try await FakeCluster.run { world in
            world.server.configure { $0.denied = ["list deployments.apps"] }
            try await with(cache(world)) { cache in
                while true {
                    if case .cutOff(_, .forbidden) = cache.condition { break }
                    try await Task.sleep(for: .milliseconds(5))
                }
                world.server.configure { $0.denied = [] }
                #expect(await cache.becomesCurrent(within: .seconds(60)))
            }
        }
    }

    @Test func tellsOnlyOfWhatIsKept() async throws {
        try await run { world, cache in
            let changes = cache.changes()
            world.server.put(.deployment, "a", Fixtures.deployment("a", labels: ["ours": "1"]))
            world.server.put(.deployment, "a", ["metadata": ["annotations": ["x": "y"]]])
            world.server.setStatus(.deployment, "a", ["readyReplicas": 1])
            world.server.delete(.deployment, "a")
            var seen: [String] = []
            for await change in changes {
                switch change {
                case .changed(let name, let value): seen.append("\(name) \(value)")
                case .removed(let name, _): seen.append("\(name) removed")
                case .synced: continue
                }
                if seen.count == 2 { break }
            }
            #expect(seen == ["a 1", "a removed"])
        }
    }

    private func run(_ body: (FakeCluster, Cache) async throws -> Void) async throws {
        try await FakeCluster.run { world in
            try await with(cache(world)) { cache in
                try #require(await cache.becomesCurrent(within: .seconds(60)))
                try await body(world, cache)
            }
        }
    }

    private func cache(_ world: FakeCluster) -> Cache {
        Cache(
            KubernetesQuery(.deployment, labels: ["ours": "1"]), client: world.client, timing: FakeCluster.timing,
            project: { $0.spec?["replicas"]?.integerValue }, group: { $0 % 2 == 1 ? "odd" : nil })
    }

    private func with(_ cache: Cache, _ body: (Cache) async throws -> Void) async throws {
        let logger = Logger(sink: RecordingLogSink(), now: SystemClock.now)
        let task = Task { await cache.run(logger: logger) }
        defer { task.cancel() }
        try await body(cache)
    }

    /// The suite's time limit is the limit of waiting.
    private func until(_ cache: Cache, _ condition: (Cache) -> Bool) async throws {
        while !condition(cache) { try await Task.sleep(for: .milliseconds(5)) }
    }
}
