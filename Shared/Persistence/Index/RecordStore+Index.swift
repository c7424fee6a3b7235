import Domain

/// A segment of one shard.
struct SegmentReference: Hashable {
    let index: RecordKey<IndexRecord>
    let segment: IndexSegment

    var key: RecordKey<IndexSegmentRecord> { IndexShard.segmentKey(index, segment.number) }
}

extension RecordStore {
    /// What is in these segments.
    /// - Parameter mayDiffer: whether those of which the store now has another form are told as they are, or as empty
    ///   if they are gone. Else they are left out.
    func contents(
        of references: [SegmentReference], mayDiffer: Bool = false
    ) async throws(ServiceError) -> [SegmentReference: SortedIDs] {
        var contents: [SegmentReference: SortedIDs] = [:]
        var missing: [SegmentReference] = []
        for reference in references {
            if let ids = segments.ids(reference.key.description, reference.segment.digest) {
                contents[reference] = ids
            } else {
                missing.append(reference)
            }
        }
        guard !missing.isEmpty else { return contents }
        let entries = try await entries(missing.map(\.key.description))
        for reference in missing {
            let ids = try entries[reference.key]?.record.ids
            if let ids, ids.digest == reference.segment.digest {
                segments.remember(reference.key.description, reference.segment.digest, ids)
                contents[reference] = ids
            } else if mayDiffer {
                contents[reference] = ids ?? SortedIDs()
            }
        }
        return contents
    }
}
