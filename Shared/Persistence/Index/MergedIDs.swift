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

    /// What is known of the next ids.
    enum Next {
        case known([String])
        /// The segments that must be read first. More may be needed after that.
        case unread([SegmentReference])
    }

    /// The next `count` ids, or less if there are no more.
    func next(_ count: Int) -> Next {
        var rest = self
        var ids: [String] = []
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
            } else if let id = source.first, unread.isEmpty {
                ids.append(id)
            }
            known += 1
            rest.sources[oldest].removeFirst()
            if rest.sources[oldest].first == nil { rest.sources.remove(at: oldest) }
        }
        return unread.isEmpty ? .known(ids) : .unread(unread)
    }

    /// Takes out all ids up to this one, as far as they were read.
    mutating func remove(through id: String) {
        for index in sources.indices.reversed() {
            while !sources[index].isUnread, let first = sources[index].first, first <= id {
                sources[index].removeFirst()
            }
            if sources[index].first == nil { sources.remove(at: index) }
        }
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

    /// The place of the source whose next id is the oldest.
    private var oldest: Int? {
        var oldest: (source: Int, id: String)?
        for (index, source) in sources.enumerated() {
            if let id = source.first, oldest.map({ id < $0.id }) ?? true { oldest = (index, id) }
        }
        return oldest?.source
    }
}
