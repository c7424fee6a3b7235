import Testing

@testable import InferenceGatewayCore

@Suite struct EjectionTests {
    private let meter = InstanceMeter(instanceID: .sample(1), service: "chat", revision: 1)
    private let start = ContinuousClock.now

    @Test func oneRefusedConnectionEjects() {
        var ejection = Ejection()
        let isEjected = ejection.record(.unreachable, at: start)
        #expect(isEjected)
        #expect(!ejection.isOver(at: start + .milliseconds(999)))
        #expect(ejection.isOver(at: start + .seconds(1)))
    }

    @Test func otherFailuresEjectWhenTheyFollowOneAnother() {
        var ejection = Ejection()
        let early = (0..<4).map { _ in ejection.record(.failed, at: start) }
        #expect(early == [false, false, false, false])
        #expect(ejection.isOver(at: start))
        let fifth = ejection.record(.failed, at: start)
        #expect(fifth)
        #expect(!ejection.isOver(at: start))
    }

    @Test func failuresOfRequestsThatWereUnderWayDoNotLengthenThePause() {
        var ejection = Ejection()
        _ = ejection.record(.unreachable, at: start)
        for _ in 0..<50 {
            let isEjectedAgain = ejection.record(.unreachable, at: start + .milliseconds(10))
            #expect(!isEjectedAgain)
        }
        #expect(ejection.isOver(at: start + .seconds(1)))
    }

    @Test func eachFailedTrialDoublesThePauseUpToTheLongest() {
        var ejection = Ejection()
        var now = start
        _ = ejection.record(.unreachable, at: now)
        var pauses: [Duration] = []
        for _ in 0..<7 {
            now = ejection.until ?? now
            ejection.beginTrial(at: now)
            #expect(!ejection.isOver(at: now), "one request tries, the others stay away")
            let isEjectedAgain = ejection.record(.failed, at: now)
            #expect(isEjectedAgain)
            pauses.append(now.duration(to: ejection.until ?? now))
        }
        #expect(pauses == [2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
    }

    @Test func aTrialWithoutAnOutcomeIsFollowedByAnother() {
        var ejection = Ejection()
        _ = ejection.record(.unreachable, at: start)
        ejection.beginTrial(at: start + .seconds(1))
        #expect(ejection.isOver(at: start + .seconds(2)))
    }

    @Test func anAnswerForgetsEverything() {
        var ejection = Ejection()
        _ = ejection.record(.unreachable, at: start)
        ejection.answerBegan()
        #expect(ejection.isClear)
        let isEjected = ejection.record(.failed, at: start)
        #expect(!isEjected)
    }

    @Test func anUpstreamIsEjectedAndComesBack() {
        let health = UpstreamHealth(countedBy: meter)
        for _ in 0..<5 { health.record(status: 500, at: start) }
        #expect(health.isEjected)
        #expect(meter.snapshot.ejections == 1)
        #expect(!health.isUsable { start })
        #expect(health.isUsable { start + .seconds(1) })
        health.record(status: 200, at: start)
        #expect(!health.isEjected)
    }

    @Test(arguments: [200, 304, 404, 429, 501]) func answersThatSayNothingOfTheEngineDoNotEject(status: Int) {
        let health = UpstreamHealth(countedBy: meter)
        for _ in 0..<100 { health.record(status: status, at: start) }
        #expect(!health.isEjected)
    }

    @Test func anInstanceWhoseAnswersAlwaysBreakOffIsLeftAloneForLongerAndLonger() {
        let health = UpstreamHealth(countedBy: meter)
        var now = start
        var answers: [Int] = []
        for pause in [1, 2, 4, 8] {
            answers.append(0)
            while !health.isEjected {
                health.record(status: 200, at: now)
                health.recordBreak(at: now)
                answers[answers.count - 1] += 1
            }
            #expect(!health.isUsable { now + .seconds(pause) - .milliseconds(1) })
            now += .seconds(pause)
            #expect(health.isUsable { now })
            health.willBeAsked { now }
            health.record(status: 200, at: now)
            #expect(!health.isEjected, "it answers")
        }
        #expect(answers == [5, 1, 1, 1])
    }

    @Test func anAnswerThatCameToItsEndMakesUpForThoseThatBrokeOff() {
        let health = UpstreamHealth(countedBy: meter)
        for round in 0..<100 {
            health.record(status: 200, at: start)
            if round % 5 == 4 { health.recordEnd() } else { health.recordBreak(at: start) }
        }
        #expect(meter.snapshot.ejections == 0)
    }

    @Test func theEndOfAnOldAnswerDoesNotBringAnInstanceBack() {
        let health = UpstreamHealth(countedBy: meter)
        health.recordUnreachable(at: start)
        health.recordEnd()
        #expect(health.isEjected)
        #expect(!health.isUsable { start })
    }

    @Test func aSuccessBetweenFailuresKeepsItIn() {
        let health = UpstreamHealth(countedBy: meter)
        for round in 0..<100 { health.record(status: round % 5 == 4 ? 200 : 500, at: start) }
        #expect(meter.snapshot.ejections == 0)
    }
}
