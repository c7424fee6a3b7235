import Domain
import Testing

@testable import ModelServingCore

/// What one replica decides about leases; 15 s long, the clock beginning at zero.
@Suite struct LeaseBookTests {
    static let own = replica("a", "1")
    static let other = replica("b", "1")
    private static let wallClock = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)

    static func replica(_ name: String, _ incarnation: String) -> Replica {
        guard let id = ReplicaID(name) else { preconditionFailure("\(name) is no name") }
        return Replica(id: id, incarnation: incarnation)
    }

    static func records(
        _ holder: Replica?, version: String = "1", members: [(replica: Replica, beats: Int)] = []
    ) -> LeaseRecords {
        let lease = Lease(holder: holder, duration: .seconds(15), renewedAt: wallClock)
        let entries = members.map { replica, beats in
            (replica.id, Member(incarnation: replica.incarnation, beats: beats, seenAt: wallClock))
        }
        return LeaseRecords(
            leases: Dictionary(uniqueKeysWithValues: Shard.all.map { ($0, Versioned(lease, version: version)) }),
            members: Versioned(Dictionary(uniqueKeysWithValues: entries), version: "m\(version)"))
    }

    private func plan(_ book: LeaseBook, at now: Duration, busy: Set<Shard> = []) -> LeasePlan {
        book.plan(at: now, busy: busy, Self.wallClock)
    }

    @Test func takesWhatIsFreeAndNothingElse() {
        var fresh = LeaseBook(Self.own, times: LeaseTimes())
        fresh.observe(LeaseRecords(), at: .zero)
        #expect(plan(fresh, at: .zero).transfers.map(\.shard) == Shard.all)
        #expect(plan(fresh, at: .zero).takeovers.isEmpty)
        var released = LeaseBook(Self.own, times: LeaseTimes())
        released.observe(Self.records(nil), at: .zero)
        #expect(plan(released, at: .zero).transfers.map(\.version) == Shard.all.map { _ in "1" })
        var held = LeaseBook(Self.own, times: LeaseTimes())
        held.observe(Self.records(Self.other), at: .zero)
        #expect(plan(held, at: .zero) == LeasePlan())
    }

    @Test func takesOverWhatDidNotMoveForTheWholeDurationOnItsOwnClock() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        let begin = Duration.seconds(1_000_000)
        book.observe(Self.records(Self.other), at: begin)
        book.observe(Self.records(Self.other), at: begin + .seconds(10))
        #expect(plan(book, at: begin + .milliseconds(14_999)).transfers.isEmpty)
        #expect(plan(book, at: begin + .seconds(15)).takeovers == Set(Shard.all))
        book.observe(Self.records(Self.other, version: "2"), at: begin + .seconds(15))
        #expect(plan(book, at: begin + .seconds(29)).transfers.isEmpty, "it was renewed")
    }

    @Test func takesOverFromItsPredecessorAtOnceAndOnlyOnce() {
        var book = LeaseBook(Self.replica("a", "2"), times: LeaseTimes())
        book.observe(Self.records(Self.replica("a", "1"), members: [(Self.own, 7)]), at: .zero)
        #expect(plan(book, at: .zero).takeovers == Set(Shard.all))
        book.observe(Self.records(Self.replica("a", "3"), version: "2"), at: .seconds(1))
        #expect(plan(book, at: .seconds(1)).transfers.isEmpty, "that one came later")
    }

    @Test func stepsDownForALaterProcessOfTheSameName() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(LeaseRecords(), at: .zero)
        book.confirm(plan(book, at: .zero).transfers, began: .zero)
        #expect(book.held(at: .seconds(1)).count == Shard.count)
        let later = Self.replica("a", "2")
        book.observe(Self.records(later, members: [(later, 1)]), at: .seconds(1))
        #expect(book.held(at: .seconds(1)).isEmpty)
        #expect(book.isSuperseded(at: .seconds(1)))
        #expect(book.beat(at: .seconds(1), Self.wallClock) == nil)
        #expect(plan(book, at: .seconds(15)).transfers.isEmpty)
        #expect(!book.isSuperseded(at: .seconds(16)), "the later one is gone")
        #expect(plan(book, at: .seconds(16)).takeovers.count == Shard.count)
    }

    /// Trust begins before the write is sent and ends before anybody else may take over.
    @Test func trustsItselfForLessThanOthersDo() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(LeaseRecords(), at: .seconds(5))
        book.confirm(plan(book, at: .seconds(5)).transfers, began: .seconds(5))
        #expect(book.held(at: .seconds(16)).count == Shard.count)
        #expect(book.held(at: .seconds(17)).isEmpty)
    }

    @Test func tellsWhatItCouldNotRenewFromWhatOthersHave() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(LeaseRecords(), at: .zero)
        book.confirm(plan(book, at: .zero).transfers, began: .zero)
        book.observe(Self.records(Self.own), at: .seconds(1))
        #expect(book.lapsed(at: .seconds(1)).isEmpty)
        #expect(book.lapsed(at: .seconds(40)) == Set(Shard.all))
        book.observe(Self.records(Self.other, version: "2"), at: .seconds(41))
        #expect(book.lapsed(at: .seconds(41)).isEmpty)
    }

    @Test func renewsInTimeAndNotAllTheTime() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(LeaseRecords(), at: .zero)
        book.confirm(plan(book, at: .zero).transfers, began: .zero)
        book.observe(Self.records(Self.own), at: .seconds(1))
        #expect(plan(book, at: .seconds(1)) == LeasePlan())
        #expect(book.pause(at: .seconds(1)) == .seconds(5))
        let renewals = plan(book, at: .seconds(5)).renewals
        #expect(renewals.map(\.shard) == Shard.all)
        #expect(renewals.allSatisfy { $0.version == "1" && $0.lease.holder == Self.own })
        #expect(plan(book, at: .seconds(30)).renewals.count == Shard.count, "nobody has taken them meanwhile")
    }

    @Test func renewsWhatItHoldsWithoutKnowing() {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(Self.records(Self.own), at: .zero)
        #expect(book.held(at: .zero).isEmpty, "the answer was lost, and with it when the write began")
        #expect(plan(book, at: .zero).renewals.count == Shard.count)
    }

    @Test func givesTheOthersTheirShareOnceNothingIsDoneInItAnyMore() throws {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(LeaseRecords(), at: .zero)
        book.confirm(plan(book, at: .zero).transfers, began: .zero)
        book.observe(Self.records(Self.own, members: [(Self.own, 1), (Self.other, 1)]), at: .seconds(3))
        let kept = Set(book.held(at: .seconds(3)).keys)
        let given = Set(Shard.all).subtracting(kept)
        #expect((16...48).contains(kept.count), "\(kept.count) of 64")
        let busy = try #require(given.first)
        let plan = plan(book, at: .seconds(3), busy: [busy])
        #expect(plan.transfers.allSatisfy { $0.lease.holder == nil })
        #expect(Set(plan.transfers.map(\.shard)) == given.subtracting([busy]))
        #expect(plan.renewals.contains { $0.shard == busy }, "nobody else may begin there yet")
        #expect(book.pause(at: .seconds(3)) == .seconds(1))
    }

    @Test func movesOnlyTheSharesOfThoseWhoComeAndGo() throws {
        let names = try ["a", "b", "c", "d"].map { try #require(ReplicaID($0)) }
        for shard in Shard.all {
            let before = Rendezvous.owner(of: shard, among: names.dropLast())
            let after = Rendezvous.owner(of: shard, among: names)
            #expect(after == before || after == names.last)
        }
        let counts = names.map { name in Shard.all.count { Rendezvous.owner(of: $0, among: names) == name } }
        #expect(counts.allSatisfy { (6...28).contains($0) }, "\(counts)")
    }

    @Test func dropsWhoIsGoneFromTheMembersAndSaysFarewell() throws {
        var book = LeaseBook(Self.own, times: LeaseTimes())
        book.observe(Self.records(nil, members: [(Self.other, 4)]), at: .zero)
        #expect(book.liveMembers(at: .seconds(14)).count == 2)
        #expect(book.liveMembers(at: .seconds(15)) == [Self.own.id])
        #expect(try #require(book.beat(at: .seconds(29), Self.wallClock)).count == 2)
        let beat = try #require(book.beat(at: .seconds(30), Self.wallClock))
        #expect(beat.keys.map(\.description) == ["a"])
        #expect(book.farewell() == nil)
        book.observe(Self.records(nil, members: [(Self.own, 1), (Self.other, 5)]), at: .seconds(30))
        #expect(try #require(book.farewell()).keys.map(\.description) == ["b"])
    }

    @Test(arguments: ["", "two words", "ümlaut", String(repeating: "a", count: 254)])
    func refusesAsTheNameOfAReplica(_ text: String) { #expect(ReplicaID(text) == nil) }
}
