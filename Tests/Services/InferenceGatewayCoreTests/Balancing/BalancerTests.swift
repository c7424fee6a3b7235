import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct BalancerTests {
    private let now = ContinuousClock.now

    private func upstreams(_ revisions: [Int]) -> [Upstream] {
        let instances = revisions.enumerated().map { index, revision in
            RouteTable.Entry.Instance.sample(UInt64(index), revision: revision)
        }
        return RouteTable([.sample("chat", instances: instances)], after: nil)["chat"]?.upstreams ?? []
    }

    private func choose(
        _ balancer: Balancer, _ random: UInt64 = 7, prefix: UInt64? = nil, tried: [Upstream] = [],
        at time: ContinuousClock.Instant? = nil
    ) -> Upstream? {
        let asked = Balancer.Asked(random: random, prefix: prefix, tried: tried)
        guard case .taken(let upstream) = balancer.choose(asked, now: { time ?? now }) else { return nil }
        return upstream
    }

    @Test func aPlaceIsTakenWithTheChoice() {
        let one = upstreams([1])
        #expect(choose(Balancer(one, percents: nil)) === one[0])
        #expect(one[0].outstanding == 1)
    }

    @Test func triedOnesAreNotAskedAgain() {
        let three = upstreams([1, 1, 1])
        let balancer = Balancer(three, percents: nil)
        for random in 0..<100 as Range<UInt64> {
            #expect(choose(balancer, random << 32, tried: [three[0], three[1]]) === three[2])
        }
        guard case .nobodyLeft = balancer.choose(.init(random: 1, tried: three), now: { now }) else {
            Issue.record("all were tried")
            return
        }
    }

    @Test func noInstanceGetsMoreThanItTakes() {
        let two = upstreams([1, 1])
        let balancer = Balancer(two, percents: nil)
        for upstream in two { upstream.restrict(to: 3) }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<6 { #expect(choose(balancer, generator.next()) != nil) }
        #expect(two.map(\.outstanding) == [3, 3])
        guard case .allBusy = balancer.choose(.init(random: generator.next()), now: { now }) else {
            Issue.record("all places are taken")
            return
        }
        two[1].end()
        #expect(choose(balancer, generator.next()) === two[1])
    }

    @Test func theEjectedIsLeftAloneUntilItsPauseIsOverAndThenTriedByOne() {
        let two = upstreams([1, 1])
        let balancer = Balancer(two, percents: nil)
        two[0].health.recordUnreachable(at: now)
        for random in 0..<50 as Range<UInt64> { #expect(choose(balancer, random << 57) === two[1]) }
        let later = now + .seconds(1)
        let chosen = (0..<50 as Range<UInt64>).map { choose(balancer, $0 << 57, at: later) }
        #expect(chosen.count { $0 === two[0] } == 1)
    }

    @Test func withAllEjectedAnyIsBetterThanNone() {
        let two = upstreams([1, 1])
        for upstream in two { upstream.health.recordUnreachable(at: now) }
        #expect(choose(Balancer(two, percents: nil)) != nil)
    }

    @Test func revisionsGetTheirShares() {
        let four = upstreams([3, 3, 3, 4])
        let balancer = Balancer(four, percents: [3: 90, 4: 10])
        var generator = SeededGenerator(seed: 11)
        var canary = 0
        for _ in 0..<10_000 {
            let chosen = choose(balancer, generator.next())
            if chosen === four[3] { canary += 1 }
            chosen?.end()
        }
        #expect((850...1150).contains(canary), "\(canary)")
    }

    @Test func aRevisionWithoutAShareGetsNothing() {
        let three = upstreams([2, 3, 4])
        let balancer = Balancer(three, percents: [2: 0, 3: 95, 4: 5])
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<1000 { choose(balancer, generator.next())?.end() }
        #expect((0..<1000).allSatisfy { _ in choose(balancer, generator.next()) !== three[0] })
    }

    @Test func percentsThatNobodyCanMeanAreSharedAllTheSame() {
        let four = upstreams([1, 2, 3, 4])
        let balancer = Balancer(four, percents: [1: .min, 2: .max, 3: .max, 4: .max])
        var generator = SeededGenerator(seed: 14)
        for _ in 0..<300 { _ = choose(balancer, generator.next()) }
        #expect(four[0].outstanding == 0)
        #expect(four[1...].allSatisfy { $0.outstanding > 50 })
    }

    @Test func theShareOfARevisionThatIsNotReadyGoesToTheOthers() {
        let two = upstreams([3, 3])
        let balancer = Balancer(two, percents: [3: 90, 4: 10])
        var generator = SeededGenerator(seed: 13)
        #expect((0..<100).allSatisfy { _ in choose(balancer, generator.next()) != nil })
        #expect(choose(Balancer(two, percents: [4: 10])) != nil)
    }

    @Test func aCanaryThatIsEjectedLosesItsShare() {
        let two = upstreams([3, 4])
        let balancer = Balancer(two, percents: [3: 10, 4: 90])
        two[1].health.recordUnreachable(at: now)
        var generator = SeededGenerator(seed: 14)
        #expect((0..<100).allSatisfy { _ in choose(balancer, generator.next()) === two[0] })
    }

    @Test func promptsThatBeginAlikeStayTogether() {
        let five = upstreams([1, 1, 1, 1, 1])
        let balancer = Balancer(five, percents: nil)
        var generator = SeededGenerator(seed: 15)
        var used: Set<UInt16> = []
        for prefix in 0..<200 as Range<UInt64> {
            let hash = PrefixAffinity.mix(prefix)
            let first = choose(balancer, generator.next(), prefix: hash)
            first?.end()
            for _ in 0..<5 {
                let next = choose(balancer, generator.next(), prefix: hash)
                next?.end()
                #expect(next === first)
            }
            if let index = five.firstIndex(where: { $0 === first }) { used.insert(UInt16(index)) }
        }
        #expect(used.count == 5)
    }

    @Test func oneBeginningForAllDoesNotOverloadOneInstance() {
        let four = upstreams([1, 1, 1, 1])
        let balancer = Balancer(four, percents: nil)
        for random in 0..<100 as Range<UInt64> { _ = choose(balancer, random, prefix: 42) }
        #expect(four.map(\.outstanding).reduce(0, +) == 100)
        #expect((four.map(\.outstanding).max() ?? 0) <= 32, "\(four.map(\.outstanding))")
    }

    @Test func anInstanceThatComesMovesOnlyWhatItGets() {
        let nine = upstreams([Int](repeating: 1, count: 9))
        let eight = Array(nine.prefix(8))
        var moved = 0
        for prefix in 0..<1000 as Range<UInt64> {
            let hash = PrefixAffinity.mix(prefix)
            let before = PrefixAffinity.pick(from: eight, prefix: hash)
            let after = PrefixAffinity.pick(from: nine, prefix: hash)
            if before !== after {
                moved += 1
                #expect(after === nine[8])
            }
        }
        #expect((60...170).contains(moved), "\(moved)")
    }
}
