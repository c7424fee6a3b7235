import Foundation
import HTTP
import JSON
import TestSupport

/// A user who creates, scales, retries and deletes services at random, and repeats each request until it is answered.
///
/// What was acknowledged is remembered, and must be true in the end.
struct ChaosClient: Sendable {
    /// Services of one client at the same time.
    static let maximumServices = 2
    static let maximumReplicas = 2
    /// Longer than any outage lasts.
    static let patience: Duration = .seconds(90)

    let scenario: ServingScenario
    let model: String
    let number: Int

    struct Owned: Sendable {
        let path: String
        var replicas: Int
    }

    struct GaveUp: Error, CustomStringConvertible {
        let description: String
    }

    /// Works until `end`, then says which services it has, and what it did.
    func run(
        seed: UInt64, until end: ContinuousClock.Instant
    ) async throws -> (owned: [Owned], deleted: [String], requests: Int) {
        var generator = SeededGenerator(seed: seed)
        var owned: [Owned] = []
        var deleted: [String] = []
        var requests = 0
        while ContinuousClock.now < end {
            requests += 1
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<3 where owned.count < Self.maximumServices:
                owned.append(try await create("chaos-\(number)-\(requests)", &generator))
            case 3..<6 where !owned.isEmpty:
                let index = Int.random(in: owned.indices, using: &generator)
                owned[index].replicas = Int.random(in: 0...Self.maximumReplicas, using: &generator)
                try await scale(owned[index])
            case 6..<8 where !owned.isEmpty:
                let gone = owned.remove(at: Int.random(in: owned.indices, using: &generator))
                try await delete(gone)
                deleted.append(gone.path)
            case 8 where !owned.isEmpty:
                try await send(.post, owned[0].path + "/retry", accepting: [202])
            default:
                if let some = owned.first { try await send(.get, some.path, accepting: [200]) }
            }
            try await Task.sleep(for: .milliseconds(.random(in: 0...400, using: &generator)))
        }
        return (owned, deleted, requests)
    }

    private func create(_ name: String, _ generator: inout SeededGenerator) async throws -> Owned {
        let replicas = Int.random(in: 0...Self.maximumReplicas, using: &generator)
        let body: JSONValue = [
            "name": .string(name), "model_id": .string(model), "replicas": .integer(Int64(replicas)),
            "resource_requirements": ["cpu": "500m", "memory": "64Mi"],
        ]
        let answer = try await send(
            .post, "/model_services", body, fields: ["Idempotency-Key": name], accepting: [202])
        guard let path = answer.fields["Location"] else { throw GaveUp(description: "no Location for \(name)") }
        return Owned(path: path, replicas: replicas)
    }

    private func scale(_ service: Owned) async throws {
        try await send(.put, service.path, ["replicas": .integer(Int64(service.replicas))], accepting: [200])
    }

    func delete(_ service: Owned) async throws {
        try await send(.delete, service.path, accepting: [202, 404])
    }

    @discardableResult
    private func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, fields: HTTPFields = [:],
        accepting statuses: Set<Int>
    ) async throws -> ControlPlaneStack.Answer {
        let end = ContinuousClock.now + Self.patience
        var last = "no answer"
        var attempts = number
        while ContinuousClock.now < end {
            // Whichever replica answers: what one has accepted, the other knows.
            let replica: ControlPlaneStack.Member = attempts.isMultiple(of: 2) ? .serving : .secondServing
            attempts += 1
            if let answer = try? await scenario.stack.send(method, target, of: replica, body, fields: fields) {
                if statuses.contains(answer.status) { return answer }
                last = "\(answer.status) \(JSONWriter.text(answer.json))"
                // Outages, and keys in use by a request that nobody waits for any more. Anything else is a fault.
                guard [503, 504, 409].contains(answer.status) else { break }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw GaveUp(description: "\(method.rawValue) \(target): \(last)")
    }
}
