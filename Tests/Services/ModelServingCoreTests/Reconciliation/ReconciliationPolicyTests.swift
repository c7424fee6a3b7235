import Domain
import ModelServingCore
import Testing

@Suite struct ReconciliationPolicyTests {
    let policy = ReconciliationPolicy()

    @Test(arguments: [(0, 0), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (1000, 60)])
    func doublesFromOneSecondToSixty(attempts: Int, seconds: Int) {
        #expect(policy.pause(after: attempts, random: 0) == .seconds(seconds))
    }

    @Test func addsAtMostAQuarterAndNeverPassesTheLimit() {
        #expect(policy.pause(after: 3, random: .max) > .milliseconds(4999))
        #expect(policy.pause(after: 3, random: .max) <= .seconds(5))
        #expect(policy.pause(after: 20, random: .max) == .seconds(60))
    }
}
