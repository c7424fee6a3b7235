import Foundation
import HTTP
import JSON
import Subprocess
import Testing

/// ModelManagement and ResourceManagement as processes, with a sidecar that keeps their state in a file.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ControlPlaneProcessTests {
    private static let sha256 = String(repeating: "ab", count: 32)

    @Test func losesNothingWhenItsProcessesAreKilled() async throws {
        try await ControlPlaneStack.run { stack in
            let targets = try await fill(stack)
            let before = try await contents(stack, targets)
            for member in ControlPlaneStack.Member.registries {
                _ = try await stack.end(member, by: SIGKILL)
                try stack.start(member)
                for server in [ControlPlaneStack.Member.models, .resources] { try await stack.untilReady(server) }
                #expect(try await contents(stack, targets) == before, "after the end of \(member)")
            }
        }
    }

    @Test func keepsEveryAcknowledgedModelAndMakesNoneTwice() async throws {
        try await ControlPlaneStack.run { stack in
            let names = (0..<60).map { "model-\($0)" }
            let acknowledged: [String: String] = await withTaskGroup(of: (String, String)?.self) { group in
                for name in names {
                    group.addTask { (try? await create(name, on: stack)).map { (name, $0) } }
                }
                // As soon as one is acknowledged, in the midst of the others.
                let first = await group.next().flatMap(\.self)
                _ = try? await stack.end(.models, by: SIGKILL)
                var known: [String: String] = await group.reduce(into: [:]) { known, one in
                    if let (name, id) = one { known[name] = id }
                }
                if let (name, id) = first { known[name] = id }
                return known
            }
            #expect(!acknowledged.isEmpty)
            try stack.start(.models)
            try await stack.untilReady(.models)
            for name in names {
                let id = try await create(name, on: stack)
                #expect(acknowledged[name] == nil || acknowledged[name] == id)
            }
            let list = try await stack.read("/models?page_size=500", of: .models).json["models"]?.arrayValue ?? []
            #expect(list.compactMap { $0["name"]?.stringValue }.sorted() == names.sorted())
        }
    }

    @Test func failsFastWithoutItsSidecarAndGoesOnByItself() async throws {
        try await ControlPlaneStack.run { stack in
            let targets = try await fill(stack)
            let before = try await contents(stack, targets)
            _ = try await stack.end(.sidecar, by: SIGKILL)
            for member in [ControlPlaneStack.Member.models, .resources] {
                #expect(try await stack.send(.get, "/healthz", of: member).status == 200)
                #expect(try await notReady(member, stack))
            }
            let started = ContinuousClock.now
            let answer = try await stack.send(.get, "/models", of: .models)
            #expect(ContinuousClock.now - started < .seconds(3))
            #expect(answer.status == 503)
            #expect(answer.json["code"] == "sidecar_unavailable")
            #expect(answer.fields["Retry-After"] != nil)
            try stack.start(.sidecar)
            for member in [ControlPlaneStack.Member.models, .resources] { try await stack.untilReady(member) }
            #expect(try await contents(stack, targets) == before)
        }
    }

    @Test func endsWellWhenItIsAskedTo() async throws {
        try await ControlPlaneStack.run { stack in
            let terminated = try await stack.end(.models, by: SIGTERM)
            let interrupted = try await stack.end(.resources, by: SIGINT)
            #expect(terminated == .code(0))
            #expect(interrupted == .code(0))
        }
    }

    @Test func refusesToStartWithoutAUsableKey() async throws {
        try await ControlPlaneStack.run { stack in
            let open = "\(stack.folder)/open.key"
            try Data(ControlPlaneStack.adminKey.utf8).write(to: URL(fileURLWithPath: open))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
            let cases: [([String: String?], String)] = [
                (["SLIPWAY_ADMIN_KEY": nil], "SLIPWAY_ADMIN_KEY"), (["SLIPWAY_ADMIN_KEY": "short"], "openssl rand"),
                (["SLIPWAY_ADMIN_KEY": nil, "SLIPWAY_ADMIN_KEY_FILE": open], "chmod 600"),
                (["SLIPWAY_PORT": "http"], "SLIPWAY_PORT"), (["DAPR_HTTP_ENDPOINT": "x"], "DAPR_HTTP_ENDPOINT"),
            ]
            for (changes, hint) in cases {
                let (status, log) = try await stack.end(of: .models, environment: changes)
                #expect(status == .code(2))
                #expect(log.contains(hint), "\(log)")
                #expect(!log.contains(ControlPlaneStack.adminKey))
            }
        }
    }

    /// Puts one of everything into the stack.
    /// - Returns: where it can be read again.
    private func fill(
        _ stack: ControlPlaneStack
    ) async throws -> [(ControlPlaneStack.Member, String)] {
        let model = "/models/\(try await create("demo", on: stack))"
        try await stack.send(
            .post, "\(model)/versions", of: .models,
            ["model_file_url": "file:///a", "sha256": .string(Self.sha256), "model_definition": "a: 1\n"])
        try await stack.send(.put, "\(model)/aliases/stable", of: .models, ["version": 1])
        let pool = try await stack.send(
            .post, "/resource_pools", of: .resources,
            ["name": "cpus", "resource_type": "CPU", "total_capacity": 4000])
        let path = try #require(pool.fields["Location"])
        let claim = "/resource_claims/\(UUID().uuidString.lowercased())"
        let id = JSONValue.string(UUID().uuidString)
        let claimed = try await stack.send(
            .put, claim, of: .resources,
            ["service_id": id, "instance_id": id, "resource_requirements": ["cpu": "1500m"]])
        #expect(claimed.status == 201)
        return [
            (.models, "/models"), (.models, "\(model)/versions/stable"), (.resources, path),
            (.resources, "\(path)/allocations"), (.resources, claim),
        ]
    }

    private func contents(
        _ stack: ControlPlaneStack, _ targets: [(ControlPlaneStack.Member, String)]
    ) async throws -> [JSONValue] {
        var contents: [JSONValue] = []
        for (member, target) in targets {
            let answer = try await stack.read(target, of: member)
            #expect(answer.status == 200, "\(target)")
            contents.append(answer.json)
        }
        return contents
    }

    /// The readiness of a moment ago may still be told, so this waits for the change.
    private func notReady(_ member: ControlPlaneStack.Member, _ stack: ControlPlaneStack) async throws -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while clock.now < end {
            if try await stack.send(.get, "/readyz", of: member).status == 503 { return true }
            try await clock.sleep(for: .milliseconds(50))
        }
        return false
    }
}

/// Adds a model under a key that follows from its name.
@Sendable private func create(_ name: String, on stack: ControlPlaneStack) async throws -> String {
    let key: HTTPFields = ["Idempotency-Key": name]
    let answer = try await stack.send(.post, "/models", of: .models, ["name": .string(name)], fields: key)
    #expect(answer.status == 201)
    return try #require(answer.json["id"]?.stringValue)
}
