import Dapr
import Domain
import HTTP
import Persistence
import Synchronization

/// Something without which a server cannot do its work.
public struct ReadinessCheck: Sendable {
    /// As in the answer of `/readyz`: `sidecar`.
    public let name: String
    /// Nil while all is well, else a sentence.
    public let problem: @Sendable () async -> String?

    public init(_ name: String, problem: @escaping @Sendable () async -> String?) {
        self.name = name
        self.problem = problem
    }

    /// Whether the sidecar can be called.
    public static func sidecar(_ client: DaprClient) -> ReadinessCheck {
        ReadinessCheck("sidecar") {
            do throws(DaprError) {
                try await client.checkOutboundHealth()
                return nil
            } catch {
                return error.serviceError.problem.detail
            }
        }
    }

    /// Whether the state store answers at all; it does not matter what.
    public static func stateStore(_ store: any StateStore) -> ReadinessCheck {
        ReadinessCheck("state_store") {
            do throws(DaprError) {
                _ = try await store.get("readiness")
                return nil
            } catch {
                // Not the sidecar's own words: anybody may ask, and those name hosts and users.
                return error.serviceError.problem.detail
            }
        }
    }
}

/// The checks of one server, asked at most once in `lifetime`, however often somebody wants to know.
public final class Readiness: Sendable {
    public static let lifetime = Duration.seconds(1)

    private struct Verdict {
        let problems: [FieldProblem]
        let until: ContinuousClock.Instant
    }

    private let checks: [ReadinessCheck]
    private let verdict = Mutex<Verdict?>(nil)

    public init(_ checks: [ReadinessCheck]) { self.checks = checks }

    /// What is not well, in the order of the checks.
    func problems() async -> [FieldProblem] {
        if let known = verdict.withLock({ $0 }), known.until > ContinuousClock.now { return known.problems }
        var problems: [FieldProblem] = []
        for check in checks {
            if let problem = await check.problem() {
                problems.append(FieldProblem(field: check.name, message: problem))
            }
        }
        let fresh = Verdict(problems: problems, until: ContinuousClock.now + Self.lifetime)
        verdict.withLock { $0 = fresh }
        return problems
    }

    var names: [String] { checks.map(\.name) }
}
