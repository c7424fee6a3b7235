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

    /// The shards whose version is not that of `known`, and all that there are if it is nil. What it costs grows with
    /// what has changed: where nothing has, versions are all that is read.
    static func shards(
        unlike known: [Int: Int64]?, from records: RecordStore
    ) async throws(ServiceError) -> [RouteShardsDocument.Shard] {
        // Before the routes: they may be newer than their version, never older.
        let keys = Shard.all.map(RouteVersionRecord.key)
        let entries = try await records.entries(keys.map(\.description))
        var versions: [Int: Int64] = [:]
        for shard in Shard.all {
            versions[shard.number] = try entries[RouteVersionRecord.key(shard)]?.record.version.value
        }
        let changed = Shard.all.filter { shard in
            guard let known else { return true }
            // One that was written before there were versions has none, and is told as 0.
            return known[shard.number] != versions[shard.number] ?? known[shard.number].map { _ in 0 }
        }
        guard !changed.isEmpty else { return [] }
        let routes = try await records.entries(changed.map { RouteShardRecord.key($0).description })
        var found: [RouteShardsDocument.Shard] = []
        for shard in changed {
            let record = try routes[RouteShardRecord.key(shard)]?.record
            let version = versions[shard.number]
            // Of a shard that never had a service nothing is known.
            guard record != nil || version != nil || known?[shard.number] != nil else { continue }
            found.append(.init(shard: shard.number, version: version ?? 0, routes: record?.routes ?? []))
        }
        return found
    }
}
