import FakeKubernetes
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(2)))
struct KubernetesClientTests {
    @Test func createsReadsAndDeletes() async throws {
        try await FakeCluster.run { world in
            let object = Fixtures.deployment("a", labels: ["app": "a"])
            let created = try await world.client.create(.deployment, object)
            #expect(created.generation == 1)
            #expect(try await world.client.get(.deployment, "a").uid == created.uid)
            let again = await #expect(throws: KubernetesError.self) {
                try await world.client.create(.deployment, object)
            }
            guard case .alreadyExists = again else { throw again ?? .cancelled }
            let other = await #expect(throws: KubernetesError.self) {
                try await world.client.delete(.deployment, name: "a", uid: "another")
            }
            guard case .conflict = other else { throw other ?? .cancelled }
            #expect(try await world.client.delete(.deployment, name: "a", uid: created.uid) == .gone)
            #expect(try await world.client.delete(.deployment, name: "a") == .gone)
            #expect(try await world.client.find(.deployment, "a") == nil)
        }
    }

    @Test func appliesWithoutTouchingWhatOthersOwn() async throws {
        try await FakeCluster.run { world in
            let first = try await world.client.apply(.deployment, name: "a", Fixtures.deployment("a"))
            let same = try await world.client.apply(.deployment, name: "a", Fixtures.deployment("a"))
            #expect(first.resourceVersion == same.resourceVersion)
            world.server.put(.deployment, "a", ["spec": ["paused": true]])
            let more = try await world.client.apply(.deployment, name: "a", Fixtures.deployment("a", replicas: 2))
            #expect(more.spec?["paused"] == true)
            #expect(more.spec?["replicas"] == 2)
            #expect(more.generation == 3)
        }
    }

    @Test func changesOnlyTheVersionThatWasSeen() async throws {
        try await FakeCluster.run { world in
            let seen = try await world.client.create(.deployment, Fixtures.deployment("a"))
            _ = try await world.client.merge(.deployment, name: "a", ["spec": ["replicas": 2]])
            let error = await #expect(throws: KubernetesError.self) {
                try await world.client.merge(
                    .deployment, name: "a",
                    ["metadata": ["resourceVersion": .string(seen.resourceVersion)], "spec": ["replicas": 3]])
            }
            guard case .conflict = error else { throw error ?? .cancelled }
        }
    }

    @Test func waitsForFinalizers() async throws {
        try await FakeCluster.run { world in
            _ = try await world.client.create(.rayService, ["metadata": ["name": "r", "finalizers": ["a/hold"]]])
            guard case .terminating(let left) = try await world.client.delete(.rayService, name: "r") else {
                Issue.record("it is gone")
                return
            }
            #expect(left.isTerminating)
            world.server.setFinalizers(.rayService, "r", [])
            #expect(try await world.client.find(.rayService, "r") == nil)
        }
    }

    @Test func readsEveryPage() async throws {
        try await FakeCluster.run { world in
            for number in 0..<23 {
                world.server.put(.pod, "p\(number)", ["metadata": ["labels": ["odd": .string("\(number % 2)")]]])
            }
            let query = KubernetesQuery(.pod, labels: ["odd": "1"])
            let list = try await world.client.list(query, pageLimit: 4) { $0.name }
            #expect(list.items.count == 11)
            #expect(Set(list.items).count == 11)
            #expect(world.server.count("list pods") == 3)
        }
    }

    @Test func beginsAListAnewWhoseVersionWasForgotten() async throws {
        try await FakeCluster.run { world in
            for number in 0..<10 { world.server.put(.pod, "p\(number)", [:]) }
            let server = world.server
            server.configure { behaviour in
                behaviour.intercept = { right in
                    if right == "list pods", server.count(right) == 2 { server.compact() }
                    return nil
                }
            }
            let list = try await world.client.list(KubernetesQuery(.pod), pageLimit: 4) { $0.name }
            #expect(list.items.sorted() == (0..<10).map { "p\($0)" })
            #expect(world.server.count("list pods") == 5)
        }
    }

    @Test func saysWhatIsNotInstalledAndWhatIsNotAllowed() async throws {
        try await FakeCluster.run { world in
            world.server.configure { behaviour in
                behaviour.kinds.remove(.rayService)
                behaviour.denied = ["patch deployments.apps", "get pods/log"]
            }
            let missing = await #expect(throws: KubernetesError.self) {
                try await world.client.get(.rayService, "a")
            }
            guard case .unknownKind = missing else { throw missing ?? .cancelled }
            let refused = await #expect(throws: KubernetesError.self) {
                try await world.client.apply(.deployment, name: "a", Fixtures.deployment("a"))
            }
            guard case .forbidden(let message) = refused else { throw refused ?? .cancelled }
            #expect(message.contains("cannot patch"))
            let rights = [
                AccessRight("create", .deployment), AccessRight("patch", .deployment),
                AccessRight("get", .pod, part: "log"),
            ]
            let denied = try await world.client.missing(rights)
            #expect(denied.map(\.description) == ["patch deployments.apps", "get pods/log"])
        }
    }

    @Test func readsTheEndOfALog() async throws {
        try await FakeCluster.run { world in
            world.server.put(.pod, "p", [:])
            world.server.configure { $0.logs["p"] = "one\ntwo\n\nfour\n" }
            let end = try await world.client.log(pod: "p", lines: 2)
            #expect(end == ["", "four"])
            let all = try await world.client.log(pod: "p", lines: 9)
            #expect(all == ["one", "two", "", "four"])
        }
    }

    @Test func readsANewTokenWhenTheOldOneIsRefused() async throws {
        try await FakeCluster.run { world in
            let folder = TemporaryFolder()
            try folder.write("token", "first\n")
            var user = User()
            user.token = .file(CredentialFile(folder.path("token")))
            let origin = try #require(HTTPBaseURL(world.server.url))
            let client = world.client(
                KubernetesConfiguration(cluster: Cluster(server: origin), user: user, namespace: "models"))
            world.server.configure { $0.tokens = ["first"] }
            _ = try await client.list(KubernetesQuery(.pod)) { $0.name }
            world.server.configure { $0.tokens = ["second"] }
            try folder.write("token", "second")
            _ = try await client.list(KubernetesQuery(.pod)) { $0.name }
            world.server.configure { $0.tokens = ["third"] }
            let error = await #expect(throws: KubernetesError.self) {
                try await client.list(KubernetesQuery(.pod)) { $0.name }
            }
            #expect(error == .unauthorized("Unauthorized"))
        }
    }

    @Test func aServerThatIsAwayIsUnreachable() async throws {
        try await FakeCluster.run { world in
            await world.server.stop()
            let error = await #expect(throws: KubernetesError.self) { try await world.client.version() }
            guard case .unreachable(let message) = error else { throw error ?? .cancelled }
            #expect(message.contains("127.0.0.1"))
        }
    }
}
