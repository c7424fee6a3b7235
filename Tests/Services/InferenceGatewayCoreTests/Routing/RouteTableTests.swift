import Domain
import Testing

@testable import InferenceGatewayCore

@Suite struct RouteTableTests {
    @Test func findsAServiceByItsName() {
        let table = RouteTable([.sample("chat"), .sample("embed")], after: nil)
        #expect(table["chat"]?.name == "chat")
        #expect(table["Chat"] == nil)
        #expect(table[""] == nil)
        #expect(table.routes.map(\.name) == ["chat", "embed"])
    }

    @Test func theFirstOfTwoServicesWithOneNameCounts() {
        let first = RouteTable.Entry.sample("chat", instances: [.sample(1)])
        let second = RouteTable.Entry.sample("chat", instances: [.sample(2)])
        let table = RouteTable([first, second], after: nil)
        #expect(table.routes.count == 1)
        #expect(table["chat"]?.upstreams.map(\.meter.instanceID) == [.sample(1)])
    }

    @Test func aNewTableKeepsTheCountsOfInstancesThatStay() throws {
        let before = RouteTable([.sample("chat", instances: [.sample(1), .sample(2)])], after: nil)
        let busy = try #require(before["chat"]?.upstreams.first)
        #expect(busy.begin())
        busy.meter.record(.sample())
        let after = RouteTable([.sample("chat", instances: [.sample(1), .sample(3)])], after: before)
        let kept = try #require(after["chat"]?.upstreams.first)
        #expect(kept === busy)
        #expect(kept.outstanding == 1)
        #expect(after["chat"]?.upstreams.last?.outstanding == 0)
    }

    @Test func aMovedInstanceKeepsItsMeterButNotItsConnections() throws {
        let before = RouteTable([.sample("chat", instances: [.sample(1, port: 1000)])], after: nil)
        let old = try #require(before["chat"]?.upstreams.first)
        #expect(old.begin())
        old.health.recordUnreachable(at: .now)
        let after = RouteTable([.sample("chat", instances: [.sample(1, port: 2000)])], after: before)
        let new = try #require(after["chat"]?.upstreams.first)
        #expect(new.address.port == 2000)
        #expect(new.meter === old.meter)
        #expect(new.meter.snapshot.ejections == 1 && !new.health.isEjected)
        #expect(new.outstanding == 0)
        #expect(after.retiredMeters.isEmpty)
    }

    @Test func whatAnInstanceServedIsStillThereWhenItHasLeftAndWhenItComesBack() throws {
        let first = RouteTable([.sample("chat", instances: [.sample(1)])], after: nil)
        let meter = try #require(first.meters.first)
        meter.record(.sample())
        let second = RouteTable([.sample("chat")], after: first)
        #expect(second.meters.map(\.snapshot.total) == [1])
        let third = RouteTable([], after: second)
        #expect(third.meters.count == 1)
        let fourth = RouteTable([.sample("chat", instances: [.sample(1)])], after: third)
        #expect(fourth["chat"]?.upstreams.first?.meter === meter)
        #expect(fourth.retiredMeters.isEmpty)
    }

    @Test func retiredMetersAreBounded() {
        var table = RouteTable.empty
        for round in 0..<3 {
            let instances = (0..<600).map { RouteTable.Entry.Instance.sample(UInt64(round * 1000 + $0)) }
            table = RouteTable([.sample("chat", instances: instances)], after: table)
        }
        #expect(table.retiredMeters.count == RouteTable.maximumRetiredMeters)
        #expect(table.retiredMeters.last?.instanceID == .sample(1599))
    }

    @Test func currentRoutesSwapsTheWhole() {
        let current = CurrentRoutes()
        let before = current.table
        current.replace(with: [.sample("chat")])
        #expect(before["chat"] == nil)
        #expect(current.table["chat"] != nil)
    }

    @Test func aChangeOfOneShardLeavesTheOthersAsTheyAre() throws {
        let before = RouteTable(
            changing: [1: [.sample("chat", instances: [.sample(1)])], 2: [.sample("embed", instances: [.sample(2)])]],
            isWhole: true, after: nil)
        let gone = try #require(before["chat"]?.upstreams.first)
        let after = RouteTable(changing: [1: [.sample("rank", instances: [.sample(3)])]], isWhole: false, after: before)
        #expect(after.routes.map(\.name) == ["embed", "rank"] && after.count == 2)
        #expect(after["embed"] === before["embed"])
        #expect(after.departed.count == 1 && after.departed.first === gone)
        #expect(after.retiredMeters.map(\.instanceID) == [.sample(1)])
        let whole = RouteTable(changing: [3: [.sample("rank", instances: [.sample(3)])]], isWhole: true, after: after)
        #expect(whole.routes.map(\.name) == ["rank"])
        #expect(whole["rank"]?.upstreams.first === after["rank"]?.upstreams.first)
        #expect(whole.departed.map(\.meter.instanceID) == [.sample(2)])
    }

    /// The name of a service that was deleted may belong to another shard's before its own shard is read again.
    @Test func aNameBelongsToItsYoungestService() throws {
        func entry(_ id: UInt64, _ instance: UInt64) -> RouteTable.Entry {
            RouteTable.Entry(
                serviceID: ModelServiceID(UUIDv7(high: id, low: 1)), name: "chat", isPublic: true, tokens: [:],
                instances: [.sample(instance)])
        }
        var table = RouteTable(changing: [1: [entry(1, 1)]], isWhole: true, after: nil)
        table = RouteTable(changing: [2: [entry(2, 2)]], isWhole: false, after: table)
        #expect(table["chat"]?.upstreams.map(\.meter.instanceID) == [.sample(2)])
        table = RouteTable(changing: [1: []], isWhole: false, after: table)
        #expect(table["chat"]?.upstreams.map(\.meter.instanceID) == [.sample(2)])
    }
}
