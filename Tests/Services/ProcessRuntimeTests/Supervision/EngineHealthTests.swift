import ModelServingCore
import Testing

@testable import ProcessRuntime

@Suite struct EngineHealthTests {
    var check: HealthCheck {
        var check = HealthCheck()
        check.maxRetries = 3
        check.interval = .seconds(2)
        return check
    }

    @Test func waitsForAStartingEngineAsLongAsItsBudget() {
        var health = EngineHealth(check, wasReady: false)
        for second in 0..<8 { #expect(health.fail("no", age: .seconds(second)) == .starting) }
        guard case .failed(let failure) = health.fail("refused", age: .seconds(8)) else {
            Issue.record("not given up")
            return
        }
        #expect(failure.reason == .neverHealthy)
        #expect(failure.message.contains("refused") && failure.message.contains("8.0 seconds"))
    }

    @Test func asksAStartingEngineOftenAndARunningOneAtItsInterval() {
        var health = EngineHealth(check, wasReady: false)
        #expect(health.pause == .milliseconds(50))
        for _ in 0..<20 { _ = health.fail("no", age: .zero) }
        #expect(health.pause == .seconds(1))
        _ = health.succeed()
        #expect(health.pause == .seconds(2))
    }

    @Test func forgivesOneFailureThenTakesItOutThenGivesItUp() {
        var health = EngineHealth(check, wasReady: false)
        #expect(health.succeed() == .ready)
        #expect(health.fail("slow", age: .seconds(60)) == .ready)
        #expect(health.succeed() == .ready)
        #expect(health.fail("slow", age: .seconds(60)) == .ready)
        for _ in 2...3 {
            guard case .unready(let failure) = health.fail("slow", age: .seconds(60)) else {
                Issue.record("still in the routes")
                return
            }
            #expect(failure.reason == .unhealthy)
        }
        guard case .failed(let failure) = health.fail("slow", age: .seconds(60)) else {
            Issue.record("not given up after three retries")
            return
        }
        #expect(failure.message.contains("4 health checks in a row"))
    }

    @Test func believesThatAnEngineWhichWasReadyStillIs() {
        var health = EngineHealth(check, wasReady: true)
        #expect(health.fail("once", age: .zero) == .ready)
    }

    @Test func givesUpAtOnceWithoutRetries() {
        var strict = HealthCheck()
        strict.maxRetries = 0
        var health = EngineHealth(strict, wasReady: true)
        guard case .failed = health.fail("no", age: .zero) else {
            Issue.record("was forgiven")
            return
        }
    }
}
