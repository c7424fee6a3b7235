import Foundation
import HTTP
import JSON
import Synchronization
import TestSupport
import Testing

/// What the gateway counts arrives in ModelServing once, whichever of them is killed.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct MeteringTests {
    /// A request that ended longer ago than that is counted, whatever happens to the gateway. It is said to be 200 ms;
    /// a busy machine may be late.
    static let lossBound: Duration = .seconds(2)

    @Test func countsSurviveTheEndOfEitherSide() async throws {
        try await ServingScenario.run(ServingScenario.members + [.gateway]) { scenario in
            let stack = scenario.stack
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("chat", of: model, [("visibility", "public")])
            try await scenario.until("running", path)
            try await untilServed(scenario)
            try await scenario.until(path) { Self.processed($0) == 1 }

            // ModelServing is away: counts wait on disk, and outlive the gateway.
            _ = try await stack.end(.serving, by: SIGKILL)
            for _ in 0..<40 {
                #expect(try await stack.send(.get, "/services/chat/x", of: .gateway).status == 200)
            }
            try await until { await stack.metric("slipway_gateway_usage_requests_pending", of: .gateway) == 40 }
            _ = try await stack.end(.gateway, by: SIGKILL)
            try stack.start(.gateway)
            try await stack.untilReady(.gateway)
            try stack.start(.serving)
            try await scenario.until(path) { Self.processed($0) == 41 }

            // Under load nothing counts twice, and what is lost ended just before the end.
            let ends = Mutex<[ContinuousClock.Instant]>([])
            let load = Task {
                while !Task.isCancelled {
                    guard (try? await stack.send(.get, "/services/chat/x", of: .gateway))?.status == 200 else { return }
                    ends.withLock { $0.append(.now) }
                }
            }
            try await until { ends.withLock { ($0.last ?? .now) - ($0.first ?? .now) > Self.lossBound * 2 } }
            let killed = ContinuousClock.now
            _ = try await stack.end(.gateway, by: SIGKILL)
            await load.value
            let answered = ends.withLock { $0 }
            let safe = answered.count { killed - $0 > Self.lossBound }
            #expect(safe > 0)
            try stack.start(.gateway)
            try await stack.untilReady(.gateway)
            try await scenario.until(path) { Self.processed($0) >= 41 + Int64(safe) }
            try await until { await stack.metric("slipway_gateway_usage_requests_pending", of: .gateway) == 0 }
            let counted = Self.processed(try await stack.send(.get, path, of: .serving).json) - 41
            // The last one may have been counted though its answer did not arrive.
            #expect((Int64(safe)...Int64(answered.count + 1)).contains(counted), "\(counted) of \(answered.count)")

            try await scenario.delete(path)
            try await scenario.untilGone(path)
        }
    }

    private static func processed(_ service: JSONValue) -> Int64 {
        (service["instances"]?.arrayValue ?? []).reduce(0) { $0 + ($1["processed_requests"]?.integerValue ?? 0) }
    }

    /// Returns when the gateway knows the service.
    private func untilServed(_ scenario: ServingScenario) async throws {
        try await until { (try? await scenario.stack.send(.get, "/services/chat/x", of: .gateway))?.status == 200 }
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while try await !condition() {
            try #require(clock.now < end)
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}
