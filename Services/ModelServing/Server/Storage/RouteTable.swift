import Contracts
import Cryptography
import Domain
import Persistence

/// The routes of all services, as the gateway gets them.
struct RouteTable: Sendable {
    /// Hexadecimal digits of an entity tag.
    private static let tagLength = 32

    let routes: [RouteDocument]
    /// With its quotes; changes whenever any route does.
    let entityTag: String

    init(routes: [RouteDocument], entityTag: String) {
        self.routes = routes
        self.entityTag = entityTag
    }

    /// One bulk read, whose cost grows with the routes and not with the services' records.
    static func read(from records: RecordStore) async throws(ServiceError) -> RouteTable {
        let shards = try await records.read(Shard.all.map(RouteShardRecord.key))
        let versions = shards.map { "\($0.key)=\($0.etag)" }.joined(separator: "\n")
        return RouteTable(
            routes: shards.flatMap(\.record.routes),
            entityTag: "\"\(SHA256.hash(versions).hex.prefix(tagLength))\"")
    }
}
