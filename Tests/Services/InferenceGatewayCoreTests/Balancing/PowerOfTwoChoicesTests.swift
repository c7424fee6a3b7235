import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct PowerOfTwoChoicesTests {
    private func upstreams(_ count: Int) -> [Upstream] {
        let entry = RouteTable.Entry.sample("chat", instances: (0..<count).map { .sample(UInt64($0)) })
        return RouteTable([entry], after: nil)["chat"]?.upstreams ?? []
    }

    @Test func picksNothingFromNothing() {
        var generator = SeededGenerator(seed: 1)
        #expect(PowerOfTwoChoices.pick(from: [], random: generator.next()) == nil)
    }

    @Test func picksTheOnlyOneHoweverBusy() {
        var generator = SeededGenerator(seed: 1)
        let only = upstreams(1)
        only[0].begin()
        #expect(PowerOfTwoChoices.pick(from: only, random: generator.next()) === only[0])
    }

    @Test func ofTwoTheLessBusyIsAlwaysPicked() {
        var generator = SeededGenerator(seed: 2)
        let two = upstreams(2)
        two[0].begin()
        for _ in 0..<100 { #expect(PowerOfTwoChoices.pick(from: two, random: generator.next()) === two[1]) }
    }

    @Test func triedOnesAreNotPickedAgain() {
        var generator = SeededGenerator(seed: 3)
        let three = upstreams(3)
        three[2].begin()
        for _ in 0..<100 {
            #expect(
                PowerOfTwoChoices.pick(from: three, except: [three[0], three[1]], random: generator.next()) === three[2]
            )
        }
        #expect(PowerOfTwoChoices.pick(from: three, except: three, random: generator.next()) == nil)
    }

    @Test func loadSpreadsEvenly() {
        var generator = SeededGenerator(seed: 4)
        let ten = upstreams(10)
        for _ in 0..<1000 { PowerOfTwoChoices.pick(from: ten, random: generator.next())?.begin() }
        let outstanding = ten.map(\.outstanding)
        #expect(outstanding.reduce(0, +) == 1000)
        #expect((outstanding.max() ?? 0) - (outstanding.min() ?? 0) <= 6, "\(outstanding)")
    }

    @Test func sharedNumbersDoNotRepeat() {
        let generator = SharedNumberGenerator(seed: 7)
        #expect(Set((0..<10_000).map { _ in generator.next() }).count == 10_000)
    }
}
