import Domain

/// The ids of all shards behind one of them, oldest first, of which no more is read than somebody asks for.
struct IndexListing<Record: IndexedRecord> {
    private let collection: EntityCollection<Record>
    private var ids: MergedIDs
    private var last: String?
    private var readings = 1

    init(_ collection: EntityCollection<Record>, after id: String?) async throws(ServiceError) {
        self.collection = collection
        last = id
        ids = try await Self.read(collection, after: id)
    }

    /// Whether none is left behind those that were taken. May be false where what is left turns out to be nothing.
    mutating func isAtEnd() -> Bool {
        if let last { ids.remove(through: last) }
        return ids.isEmpty
    }

    /// The next ones, at most `count`, without taking them.
    mutating func peek(_ count: Int) async throws(ServiceError) -> [String] {
        if let last { ids.remove(through: last) }
        while true {
            let unread: [SegmentReference]
            switch ids.next(count) {
            case .known(let ids): return ids
            case .unread(let segments): unread = segments
            }
            let contents = try await collection.records.contents(
                of: unread, mayDiffer: readings >= IndexLimits.maximumReadings)
            if unread.allSatisfy({ contents[$0] != nil }) {
                ids.take(contents, after: last)
            } else {
                // They have changed since: what is not there any more may be in others.
                ids = try await Self.read(collection, after: last)
                readings += 1
            }
        }
    }

    /// Takes those up to `id`, which was peeked at.
    mutating func take(through id: String) { last = id }

    private static func read(
        _ collection: EntityCollection<Record>, after id: String?
    ) async throws(ServiceError) -> MergedIDs {
        let entries = try await collection.records.entries(collection.indexKeys)
        var shards: [Stored<IndexRecord>] = []
        for shard in Shard.all {
            if let index = try entries[collection.indexKey(shard)] { shards.append(index) }
        }
        return MergedIDs(shards, after: id)
    }
}
