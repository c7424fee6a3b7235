import Domain

extension EntityCollection {
    /// Checks that a shard of the index and its segments fit together.
    ///
    /// What is in the store under numbers far behind those in use is not found: nothing lists keys. It does no harm,
    /// since whoever takes such a number writes over it.
    func checkDivision(
        of shard: Shard, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        guard try await division(of: shard)?.fault != nil else { return }
        report.add(
            try await records.mend(lanes: [indexKey(shard).description], repairing: repairing) {
                () async throws(ServiceError) -> Disagreement? in
                guard let division = try await division(of: shard), let fault = division.fault else { return nil }
                return .repairable(
                    EntityFault.indexOutOfOrder.finding(division.stored.key.description, fault),
                    by: try division.repair())
            })
    }

    /// Nil if there is no such shard.
    private func division(of shard: Shard) async throws(ServiceError) -> StoredDivision? {
        guard let stored = try await records.read(indexKey(shard)) else { return nil }
        let taken = stored.record.segments.map(\.number)
        let numbers = Set(taken).union(1...stored.record.segments.count + 1)
        let entries = try await records.entries(numbers.map { segmentKey(shard, $0).description })
        var segments: [Int: Stored<IndexSegmentRecord>] = [:]
        for number in numbers { segments[number] = try entries[segmentKey(shard, number)] }
        return StoredDivision(stored: stored, segments: segments)
    }
}

/// A shard of the index with all that was found of its segments, and beside them.
private struct StoredDivision {
    let stored: Stored<IndexRecord>
    let segments: [Int: Stored<IndexSegmentRecord>]

    /// What is wrong, in words; nil if nothing is.
    var fault: String? {
        var last: String?
        for segment in stored.record.segments {
            guard let ids = segments[segment.number]?.record.ids else {
                return "Its segment \(segment.number) of \(segment.count) ids is gone. They are listed again when "
                    + "something else tells of them."
            }
            guard segment == IndexSegment(segment.number, ids) else {
                return "Its segment \(segment.number) is another than it says. Both are written anew."
            }
            if let last, segment.first <= last { return "Its segment \(segment.number) is not in its place." }
            last = ids.all.last
        }
        if let last, let next = stored.record.youngest.first, next <= last {
            return "Ids in its segments are younger than its youngest."
        }
        let known = Set(stored.record.segments.map(\.number))
        guard let stray = segments.keys.filter({ !known.contains($0) }).min() else { return nil }
        return "There is a segment \(stray) of which it does not know."
    }

    /// All ids that were found, divided anew. Those that are of no entity are found as such after that.
    func repair() throws(ServiceError) -> StateTransaction {
        let found = segments.values.flatMap(\.record.ids.all)
        var youngest = SortedIDs(found + stored.record.youngest.all)
        var parts: [IndexSegment] = []
        var writes = StateTransaction()
        while youngest.count >= IndexLimits.maximumYoungest {
            let ids = youngest.removeFirst(IndexLimits.segmentSize)
            let number = parts.count + 1
            try writes.write(
                IndexShard.segmentKey(stored.key, number), over: segments[number], IndexSegmentRecord(ids: ids))
            parts.append(IndexSegment(number, ids))
        }
        for (number, segment) in segments where number > parts.count { writes.delete(segment) }
        try writes.replace(stored, with: IndexRecord(segments: parts, youngest: youngest))
        return writes
    }
}
