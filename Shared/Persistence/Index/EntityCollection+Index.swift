import Domain

extension EntityCollection {
    /// The shards of the index that list `ids`, read so that these can come or go.
    /// - Parameter entries: what was read under `indexKey` of these shards. The shards' records are written over it.
    public func indexShards(
        changing ids: some Sequence<UUIDv7>, in entries: StateEntries
    ) async throws(ServiceError) -> [Shard: IndexShard] {
        try await indexShards(
            changing: Dictionary(grouping: ids, by: Shard.init(of:)).mapValues { $0.map(\.description) }, in: entries)
    }

    func indexShards(
        changing ids: [Shard: [String]], in entries: StateEntries
    ) async throws(ServiceError) -> [Shard: IndexShard] {
        var known: [(shard: Shard, stored: Stored<IndexRecord>?, reading: IndexReading)] = []
        var keys: [String] = []
        for (shard, ids) in ids {
            let stored = try entries[indexKey(shard)]
            let reading = IndexReading(stored?.record ?? IndexRecord(), changing: ids)
            known.append((shard, stored, reading))
            keys += reading.numbers.map { segmentKey(shard, $0).description }
        }
        let segments = keys.isEmpty ? StateEntries(entries: [:]) : try await records.entries(keys)
        var shards: [Shard: IndexShard] = [:]
        for (shard, stored, reading) in known {
            var found: [Int: Stored<IndexSegmentRecord>] = [:]
            for number in reading.numbers { found[number] = try segments[segmentKey(shard, number)] }
            shards[shard] = IndexShard(indexKey(shard), stored, reading: reading, found)
        }
        return shards
    }

    /// Every id that the index lists, oldest first.
    /// - Parameter entries: what was read under `indexKeys`.
    public func ids(in entries: StateEntries) async throws(ServiceError) -> [String] {
        try await views(of: Shard.all, entries) { record, _ in record.segments }.flatMap(\.ids).sorted()
    }

    /// Those of `ids` that the index does not list.
    public func unlisted(_ ids: [UUIDv7]) async throws(ServiceError) -> [UUIDv7] {
        let asked = Dictionary(grouping: ids, by: Shard.init(of:))
        let views = try await views(of: Array(asked.keys)) { record, shard in
            Set((asked[shard] ?? []).compactMap { record.segment(of: $0.description) }).map { record.segments[$0] }
        }
        let listed = Set(views.flatMap(\.ids))
        return ids.filter { !listed.contains($0.description) }
    }

    /// Shards with some of their segments, each as it was at one moment.
    /// - Parameters:
    ///   - entries: what was read under `indexKey` of the shards, if it was.
    ///   - wanted: the segments to read.
    func views(
        of shards: [Shard], _ entries: StateEntries? = nil, _ wanted: (IndexRecord, Shard) -> [IndexSegment]
    ) async throws(ServiceError) -> [IndexView] {
        var views: [IndexView] = []
        var (left, read) = (shards, entries)
        for attempt in 1...IndexLimits.maximumReadings where !left.isEmpty {
            let entries: StateEntries
            if let read {
                entries = read
            } else {
                entries = try await records.entries(left.map { indexKey($0).description })
            }
            read = nil
            var found: [(shard: Shard, view: IndexView, wanted: [SegmentReference])] = []
            for shard in left {
                let view = IndexView(stored: try entries[indexKey(shard)])
                let segments = wanted(view.record, shard)
                found.append((shard, view, segments.map { SegmentReference(index: indexKey(shard), segment: $0) }))
            }
            let contents = try await records.contents(
                of: found.flatMap(\.wanted), mayDiffer: attempt == IndexLimits.maximumReadings)
            left = []
            for (shard, view, wanted) in found {
                if wanted.contains(where: { contents[$0] == nil }) {
                    // It has changed since the shard's record was read.
                    left.append(shard)
                } else {
                    var view = view
                    for reference in wanted { view.contents[reference.segment] = contents[reference] }
                    views.append(view)
                }
            }
        }
        return views
    }

    func segmentKey(_ shard: Shard, _ number: Int) -> RecordKey<IndexSegmentRecord> {
        IndexShard.segmentKey(indexKey(shard), number)
    }
}

/// A shard of the index with some of its segments.
struct IndexView {
    let stored: Stored<IndexRecord>?
    var contents: [IndexSegment: SortedIDs] = [:]

    var record: IndexRecord { stored?.record ?? IndexRecord() }

    /// Those that were read.
    var ids: [String] { contents.values.flatMap(\.all) + record.youngest.all }
}
