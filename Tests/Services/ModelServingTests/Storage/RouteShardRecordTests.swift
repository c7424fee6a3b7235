import Contracts
import Domain
import FoundationEssentials
import Testing

@testable import ModelServing

struct RouteShardRecordTests {
    private static func id(_ number: UInt64) -> ModelServiceID { ModelServiceID(UUIDv7(high: 1, low: number)) }

    private static func route(_ number: UInt64, _ visibility: RouteDocument.Visibility = .private) -> RouteDocument {
        RouteDocument(
            serviceID: id(number), name: "service-\(number)", visibility: visibility, tokens: [], upstreams: [])
    }

    @Test func keepsWhatItWasGivenInTheOrderOfTheIds() throws {
        var record = RouteShardRecord()
        for number in [5, 1, 9, 3] as [UInt64] {
            let route = Self.route(number, number == 3 ? .public : .private)
            let changes = [record.set(route, of: Self.id(number)), record.set(route, of: Self.id(number))]
            #expect(changes == [true, false])
        }
        let read = try JSONDecoder().decode(RouteShardRecord.self, from: try JSONEncoder().encode(record))
        #expect(read.routes.map(\.serviceID) == [1, 3, 5, 9].map(Self.id))
        #expect(read.routes == record.routes && read.route(of: Self.id(3))?.visibility == .public)
        _ = record.set(Self.route(5, .public), of: Self.id(5))
        #expect(record.routes.count == 4 && record.route(of: Self.id(5))?.visibility == .public)
        for number in [5, 1] as [UInt64] {
            let changes = [record.set(nil, of: Self.id(number)), record.set(nil, of: Self.id(number))]
            #expect(changes == [true, false] && record.route(of: Self.id(number)) == nil)
        }
        #expect(record.routes.map(\.serviceID) == [3, 9].map(Self.id))
    }

    @Test func keepsAServiceThatSleepsInLittleSpace() throws {
        var record = RouteShardRecord()
        for number in 0..<100 as Range<UInt64> { _ = record.set(Self.route(number), of: Self.id(number)) }
        #expect(try JSONEncoder().encode(record).count < 100 * 56)
    }

    @Test func readsWhatWasWrittenBeforeThereWereTwoLists() throws {
        let former = """
            {"routes":[{"service_id":"\(Self.id(1))","name":"service-1","visibility":"private",
            "tokens":[],"upstreams":[]}]}
            """
        var record = try JSONDecoder().decode(RouteShardRecord.self, from: Data(former.utf8))
        #expect(record.route(of: Self.id(1)) == Self.route(1))
        let hasChanged = record.set(Self.route(1), of: Self.id(1))
        #expect(!hasChanged)
    }
}
