import Domain
import Testing

@testable import ModelServingCore

@Suite struct StepTests {
    static let start = Timestamp(millisecondsSinceEpoch: 1_000_000)
    static let now = start + .seconds(100)
    static let handle = RuntimeHandle("engine 1")
    static let failure = Failure(.exited, "exit status 1")
    static let gone = Failure(.vanished, "the engine is gone without a trace")

    struct Row: Sendable, CustomTestStringConvertible {
        let phase: InstancePhase
        var handle: RuntimeHandle? = StepTests.handle
        var seen: Observation.State?
        let step: Step

        var testDescription: String {
            "\(phase) with \(handle?.text ?? "no handle"), seen: \(seen.map { "\($0)" } ?? "-")"
        }
    }

    static let later = now + ReconciliationPolicy().lookAgainAfter

    static let rows: [Row] = [
        Row(phase: .pending, handle: nil, step: .advance(.enter(.resolving))),
        Row(phase: .resolving, handle: nil, step: .perform(.resolve)),
        Row(phase: .claiming, handle: nil, step: .perform(.claim)),
        Row(phase: .deploying, handle: nil, step: .perform(.deploy)),
        Row(phase: .deploying, seen: nil, step: .wait(until: later)),
        Row(phase: .deploying, seen: .absent, step: .perform(.deploy)),
        Row(phase: .deploying, seen: .preparing, step: .wait(until: later)),
        Row(phase: .deploying, seen: .starting, step: .advance(.enter(.starting))),
        Row(phase: .deploying, seen: .ready, step: .advance(.enter(.running))),
        Row(phase: .deploying, seen: .failed(failure), step: .advance(.fail(failure))),
        Row(phase: .starting, seen: .starting, step: .wait(until: later)),
        Row(phase: .starting, seen: .unready(failure), step: .wait(until: later)),
        Row(phase: .starting, seen: .ready, step: .advance(.enter(.running))),
        Row(phase: .starting, seen: .absent, step: .advance(.fail(gone))),
        Row(phase: .starting, seen: .preparing, step: .advance(.enter(.deploying))),
        Row(phase: .starting, seen: .failed(failure), step: .advance(.fail(failure))),
        Row(phase: .running, seen: nil, step: .wait(until: nil)),
        Row(phase: .running, seen: .ready, step: .wait(until: nil)),
        Row(phase: .running, seen: .unready(failure), step: .advance(.enter(.unhealthy))),
        Row(phase: .running, seen: .absent, step: .advance(.fail(gone))),
        Row(phase: .running, seen: .failed(failure), step: .advance(.fail(failure))),
        Row(phase: .unhealthy, seen: .ready, step: .advance(.enter(.running))),
        Row(phase: .unhealthy, seen: .unready(failure), step: .wait(until: nil)),
        Row(phase: .unhealthy, seen: .failed(failure), step: .advance(.fail(failure))),
        Row(phase: .restarting, step: .perform(.remove)),
        Row(phase: .restarting, handle: nil, step: .advance(.enter(.deploying))),
        Row(phase: .stopping, step: .perform(.remove)),
        Row(phase: .stopping, handle: nil, step: .perform(.remove)),
        Row(phase: .releasing, handle: nil, step: .perform(.release)),
        Row(phase: .stopped, handle: nil, step: .wait(until: nil)),
        Row(phase: .error, handle: nil, step: .wait(until: nil)),
    ]

    @Test(arguments: rows)
    func followsFromPhaseAndObservation(row: Row) {
        let seen = row.seen.map { Observation($0, handle: Self.handle) }
        #expect(step(instance(row.phase, row.handle), seen: seen) == row.step)
    }

    @Test(arguments: InstancePhase.allCases.filter { !$0.isEnded })
    func waitsForTheTimeOfTheNextTry(phase: InstancePhase) {
        var instance = instance(phase, nil)
        instance.nextRetryAt = Self.now + .milliseconds(1)
        #expect(step(instance) == .wait(until: Self.now + .milliseconds(1)))
        instance.nextRetryAt = Self.now
        #expect(step(instance) != .wait(until: Self.now))
    }

    @Test func leavesADrainingEngineAloneUntilItsTime() {
        let policy = ReconciliationPolicy()
        var instance = instance(.stopping, Self.handle)
        instance.drainUntil = Self.now + .seconds(30)
        instance.phaseSince = Self.now
        #expect(step(instance) == .wait(until: Self.now + policy.drainTime), "nobody tells whether it is busy")
        instance.phaseSince = Self.now + .seconds(-2)
        #expect(step(instance) == .perform(.remove))
        instance.drainUntil = Self.now
        #expect(step(instance) == .perform(.remove))
    }

    @Test func waitsForRequestsAtADrainingEngineNoLongerThanTheDeadline() {
        let policy = ReconciliationPolicy()
        var instance = instance(.stopping, Self.handle)
        instance.phaseSince = Self.now + .seconds(-20)
        instance.drainUntil = Self.now + .seconds(10)
        #expect(step(instance, isBusy: true) == .wait(until: Self.now + policy.drainLookAfter))
        #expect(step(instance, isBusy: false) == .perform(.remove))
        instance.drainUntil = Self.now + .milliseconds(1)
        #expect(step(instance, isBusy: true) == .wait(until: Self.now + .milliseconds(1)))
        instance.drainUntil = Self.now
        #expect(step(instance, isBusy: true) == .perform(.remove))
        instance.drainUntil = nil
        #expect(step(instance, isBusy: true) == .perform(.remove))
    }

    @Test func asksNobodyForWhatIsKnownOrNotNeeded() {
        #expect(step(instance(.resolving, nil), isResolved: true) == .advance(.enter(.claiming)))
        #expect(step(instance(.claiming, nil), needsClaim: false) == .advance(.enter(.deploying)))
    }

    @Test func writesDownAnotherHandleOrAddress() {
        let handle = RuntimeHandle("engine 2")
        for phase in [InstancePhase.running, .starting] {
            let seen: Observation.State = phase == .running ? .ready : .starting
            #expect(step(instance(phase, Self.handle), seen: Observation(seen, handle: handle)) == .advance(.correct))
            let moved = Observation(seen, handle: Self.handle, url: "http://127.0.0.1:9")
            #expect(step(instance(phase, Self.handle), seen: moved) == .advance(.correct))
        }
    }

    private func instance(_ phase: InstancePhase, _ handle: RuntimeHandle?) -> ModelServiceInstance {
        var instance = ModelServiceInstance(
            id: ModelServiceInstanceID(UUIDv7(high: 1, low: 1)), revision: 1, at: Self.start)
        instance.phase = phase
        instance.handle = handle
        return instance
    }

    private func step(
        _ instance: ModelServiceInstance, isResolved: Bool = false, needsClaim: Bool = true, seen: Observation? = nil,
        isBusy: Bool? = nil
    ) -> Step {
        nextStep(
            instance, isResolved: isResolved, needsClaim: needsClaim, observation: seen, isBusy: isBusy,
            now: Self.now, policy: ReconciliationPolicy())
    }
}
