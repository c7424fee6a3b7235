/// The ids of all shards, oldest first, as far as they are known: each shard's are sorted already.
struct MergedIDs {
    /// What is left of one shard.
    private struct Source {
        let key: RecordKey<IndexRecord>
        /// Of segments that were read.
        var ids: ArraySlice<String> = []
        /// Those that come next.
        var unread: ArraySlice<IndexSegment>
        var youngest: ArraySlice<String>
        /// Ids of the unread segment before the next id, which all come before that.
        var skipped = 0

        /// The oldest id, or one that is not younger.
        var first: String? { ids.first ?? unread.first?.first ?? youngest.first }

        var isUnread: Bool { ids.isEmpty && !unread.isEmpty }

        mutating func removeFirst() {
            if !ids.isEmpty {
                ids.removeFirst()
            } else if !unread.isEmpty {
                unread.removeFirst()
            } else {
                youngest.removeFirst()
            }
        }
    }

    private var sources: [Source]

    init(_ shards: [Stored<IndexRecord>], after id: String?) {
        sources = shards.compactMap { stored in
            let record = stored.record
            var unread = record.segments[...]
            if let id {
                // All ids of a segment come before the first of the next.
                if let start = record.youngest.first, start <= id { unread = [] }
                while let next = unread.dropFirst().first, next.first <= id { unread.removeFirst() }
            }
            let source = Source(key: stored.key, unread: unread, youngest: record.youngest.after(id))
            return source.first == nil ? nil : source
        }
    }

    var isEmpty: Bool { sources.isEmpty }

    /// The segments that must be read for the next `count` ids to be known. More may be needed after that.
    func unread(within count: Int) -> [SegmentReference] {
        var rest = self
        var unread: [SegmentReference] = []
        var known = 0
        while let oldest = rest.oldest {
            let source = rest.sources[oldest]
            known += source.skipped
            guard known < count else { break }
            rest.sources[oldest].skipped = 0
            if source.isUnread, let segment = source.unread.first {
                unread.append(SegmentReference(index: source.key, segment: segment))
                rest.sources[oldest].skipped = segment.count - 1
            }
            known += 1
            rest.removeFirst(of: oldest)
        }
        return unread
    }

    /// Puts what was read of those segments in their places.
    mutating func take(_ contents: [SegmentReference: SortedIDs], after id: String?) {
        for index in sources.indices.reversed() {
            while let segment = sources[index].unread.first,
                let ids = contents[SegmentReference(index: sources[index].key, segment: segment)]
            {
                sources[index].unread.removeFirst()
                sources[index].ids += ids.after(id)
            }
            if sources[index].first == nil { sources.remove(at: index) }
        }
    }

    /// The next ones, at most `count`, without taking them. Nothing of them is unread.
    func peek(_ count: Int) -> [String] {
        var rest = self
        var ids: [String] = []
        while ids.count < count, let id = rest.popFirst() { ids.append(id) }
        return ids
    }

    @discardableResult
    mutating func popFirst() -> String? {
        guard let oldest else { return nil }
        defer { removeFirst(of: oldest) }
        return sources[oldest].first
    }

    private mutating func removeFirst(of source: Int) {
        sources[source].removeFirst()
        if sources[source].first == nil { sources.remove(at: source) }
    }

    /// The place of the source whose next id is the oldest.
    private var oldest: Int? {
        var oldest: (source: Int, id: String)?
        for (index, source) in sources.enumerated() {
            if let id = source.first, oldest.map({ id < $0.id }) ?? true { oldest = (index, id) }
        }
        return oldest?.source
    }
}
