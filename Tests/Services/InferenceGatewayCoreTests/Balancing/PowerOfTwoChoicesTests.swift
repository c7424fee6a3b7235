import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct PowerOfTwoChoicesTests {
    @Test func picksNothingFromNothing() {
        var generator = SeededGenerator(seed: 1)
        #expect(PowerOfTwoChoices.pick(from: [], random: generator.next()) == nil)
    }

    @Test func picksTheOnlyOneHoweverBusy() {
        var generator = SeededGenerator(seed: 1)
        let only = RouteTable.upstreams(1)
        #expect(only[0].begin())
        #expect(PowerOfTwoChoices.pick(from: only, random: generator.next()) === only[0])
    }

    @Test func ofTwoTheLessBusyIsAlwaysPicked() {
        var generator = SeededGenerator(seed: 2)
        let two = RouteTable.upstreams(2)
        #expect(two[0].begin())
        for _ in 0..<100 { #expect(PowerOfTwoChoices.pick(from: two, random: generator.next()) === two[1]) }
    }

    @Test func loadSpreadsEvenly() {
        var generator = SeededGenerator(seed: 4)
        let ten = RouteTable.upstreams(10)
        for _ in 0..<1000 { #expect(PowerOfTwoChoices.pick(from: ten, random: generator.next())?.begin() == true) }
        let outstanding = ten.map(\.outstanding)
        #expect(outstanding.reduce(0, +) == 1000)
        #expect((outstanding.max() ?? 0) - (outstanding.min() ?? 0) <= 6, "\(outstanding)")
    }

    @Test func sharedNumbersDoNotRepeat() {
        let generator = SharedNumberGenerator(seed: 7)
        #expect(Set((0..<10_000).map { _ in generator.next() }).count == 10_000)
    }
}
