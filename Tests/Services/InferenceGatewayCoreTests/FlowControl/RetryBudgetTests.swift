import Testing

@testable import InferenceGatewayCore

@Suite struct RetryBudgetTests {
    private let start = ContinuousClock.now

    @Test func aServiceWithFewRequestsMayRepeatSome() {
        let budget = RetryBudget()
        let granted = (0..<1000).count { _ in budget.take(answered: 7, at: start) }
        #expect(granted == 100)
    }

    @Test func moreRequestsAllowMoreAndANewWindowBeginsAnew() {
        let budget = RetryBudget()
        #expect(budget.take(answered: 1000, at: start))
        let granted = (0..<1000).count { _ in budget.take(answered: 2000, at: start + .seconds(9)) }
        #expect(granted == 299)
        let next = (0..<1000).count { _ in budget.take(answered: 2000, at: start + .seconds(10)) }
        #expect(next == 100)
    }

    @Test func countsThatGoBackDoNotTrap() {
        let budget = RetryBudget()
        #expect(budget.take(answered: 1000, at: start))
        #expect(budget.take(answered: 0, at: start))
    }
}
