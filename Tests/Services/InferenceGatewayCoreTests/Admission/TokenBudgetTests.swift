import Domain
import Testing

@testable import InferenceGatewayCore

@Suite struct TokenBudgetTests {
    private let start = ContinuousClock.now

    private func budget(requests: Int? = nil, tokens: Int? = nil) throws -> TokenBudget {
        TokenBudget(
            try #require(TokenBudget.Limits(requestsPerMinute: requests, tokensPerMinute: tokens)), at: start)
    }

    @Test func withoutNumbersThereIsNoLimit() {
        #expect(TokenBudget.Limits(requestsPerMinute: nil, tokensPerMinute: nil) == nil)
    }

    @Test func requestsAreGrantedUpToTheLimitAndComeBackEvenly() throws {
        let budget = try budget(requests: 60)
        for _ in 0..<60 { try budget.admit(at: start) }
        #expect(throws: Refusal.self) { try budget.admit(at: start) }
        #expect(throws: Refusal.self) { try budget.admit(at: start + .milliseconds(999)) }
        try budget.admit(at: start + .seconds(1))
        #expect(throws: Refusal.self) { try budget.admit(at: start + .seconds(1)) }
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max]) func noNumberIsTooLargeOrTooSmallToGrant(perMinute: Int) throws {
        let budget = try budget(requests: perMinute, tokens: perMinute)
        let limit = min(max(1, perMinute), TokenBudget.Limits.maximumPerMinute)
        try budget.admit(at: start)
        let whole = try #require(budget.allowances(at: start).tokens)
        #expect(whole.limit == limit && whole.remaining == limit)
        budget.spend(tokens: .max, at: start)
        #expect(throws: Refusal.self) { try budget.admit(at: start) }
        let spent = try #require(budget.allowances(at: start + .seconds(1)).tokens)
        #expect(spent.remaining == 0 && spent.retryAfter <= .seconds(120))
    }

    @Test func aRefusalSaysWhenToComeBackAndCostsNothing() throws {
        let budget = try budget(requests: 3)
        for _ in 0..<3 { try budget.admit(at: start) }
        for _ in 0..<10 {
            #expect(
                throws: Refusal.rateLimited(
                    .init(kind: .requests, limit: 3, remaining: 0, reset: .seconds(60), retryAfter: .seconds(20)))
            ) { try budget.admit(at: start) }
        }
    }

    @Test func tokensAreCountedAfterwardsAndLeaveADebt() throws {
        let budget = try budget(tokens: 600)
        try budget.admit(at: start)
        budget.spend(tokens: 800, at: start)
        #expect(throws: Refusal.self) { try budget.admit(at: start + .seconds(20)) }
        try budget.admit(at: start + .milliseconds(20_200))
        #expect(budget.allowances(at: start).tokens?.remaining == 0)
        #expect(budget.allowances(at: start).requests == nil)
    }

    @Test func noDebtIsLongerThanAMinute() throws {
        let budget = try budget(tokens: 10)
        budget.spend(tokens: .max, at: start)
        try budget.admit(at: start + .seconds(67))
    }

    @Test func bothLimitsAreTold() throws {
        let budget = try budget(requests: 10, tokens: 100)
        try budget.admit(at: start)
        budget.spend(tokens: 25, at: start)
        let allowances = budget.allowances(at: start)
        #expect(
            allowances.requests
                == .init(kind: .requests, limit: 10, remaining: 9, reset: .seconds(6), retryAfter: .zero))
        #expect(
            allowances.tokens == .init(kind: .tokens, limit: 100, remaining: 75, reset: .seconds(15), retryAfter: .zero)
        )
    }

    @Test func anAllowanceGoesOnInTheNextTableUntilItIsChanged() throws {
        func table(_ perMinute: Int, after previous: RouteTable?) -> RouteTable {
            let digest = TokenDigest([UInt8](repeating: 1, count: 32))
            var tokens: [TokenDigest: RouteTable.Entry.Token] = [:]
            if let digest {
                tokens[digest] = .init(
                    id: .sample, expiry: .never, limits: .init(requestsPerMinute: perMinute, tokensPerMinute: nil))
            }
            let entry = RouteTable.Entry(
                serviceID: .init(.init(high: 1, low: 1)), name: "chat", isPublic: false, tokens: tokens, instances: [])
            return RouteTable([entry], after: previous)
        }
        let before = table(5, after: nil)
        let same = table(5, after: before)
        let other = table(6, after: same)
        func budget(_ table: RouteTable) -> TokenBudget? { table["chat"]?.tokens.values.first?.budget }
        #expect(budget(before) != nil)
        #expect(budget(before) === budget(same))
        #expect(budget(same) !== budget(other))
    }
}
