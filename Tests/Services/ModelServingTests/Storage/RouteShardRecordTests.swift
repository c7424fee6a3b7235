import Contracts
import Domain
import FoundationEssentials
import Testing

@testable import ModelServing

struct RouteShardRecordTests {
    private static func id(_ number: UInt64) -> ModelServiceID { ModelServiceID(UUIDv7(high: 1, low: number)) }

    private static func route(_ number: UInt64, _ visibility: RouteDocument.Visibility) -> RouteDocument {
        RouteDocument(
            serviceID: id(number), name: "service-\(number)", visibility: visibility, tokens: [], upstreams: [])
    }

    @Test func keepsWhatItWasGivenInTheOrderOfTheIds() throws {
        var record = RouteShardRecord()
        for number in [5, 1, 9, 3] as [UInt64] {
            let route = Self.route(number, .public)
            let changes = [record.set(route, of: Self.id(number)), record.set(route, of: Self.id(number))]
            #expect(changes == [true, false])
        }
        let read = try JSONDecoder().decode(RouteShardRecord.self, from: try JSONEncoder().encode(record))
        #expect(read.routes.map(\.serviceID) == [1, 3, 5, 9].map(Self.id))
        #expect(read.routes == record.routes)
        for number in [5, 1] as [UInt64] {
            let changes = [record.set(nil, of: Self.id(number)), record.set(nil, of: Self.id(number))]
            #expect(changes == [true, false])
            #expect(record.route(of: Self.id(number)) == nil)
        }
        #expect(record.routes.map(\.serviceID) == [3, 9].map(Self.id))
    }

    /// An earlier release kept services that sleep in a list of their own, which nobody reads any more.
    @Test func forgetsAListThatIsNoMore() throws {
        let former = """
            {"routes":[{"service_id":"\(Self.id(2))","name":"service-2","visibility":"public"}],
            "asleep":["\(Self.id(3)) service-3"]}
            """
        let record = try JSONDecoder().decode(RouteShardRecord.self, from: Data(former.utf8))
        #expect(record.routes == [Self.route(2, .public)])
    }
}
