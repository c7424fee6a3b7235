/// How the ids of a shard are divided into segments after they have changed.
///
/// Segments that were not read stay as they are. What would need a number that is not at hand waits for the next
/// change.
struct IndexDivision {
    private enum Part {
        case unread(IndexSegment)
        case read(number: Int, SortedIDs)

        /// Nil if it was not read.
        var ids: SortedIDs? {
            switch self {
            case .unread: nil
            case .read(_, let ids): ids
            }
        }
    }

    private var parts: [Part] = []
    private var youngest: SortedIDs
    private var free: ArraySlice<Int>

    /// - Parameter contents: of those segments that were read.
    init(former: [IndexSegment], _ contents: [Int: SortedIDs], youngest: SortedIDs, free: [Int]) {
        parts = former.map { segment in
            contents[segment.number].map { .read(number: segment.number, $0) } ?? .unread(segment)
        }
        self.youngest = youngest
        self.free = free[...]
    }

    mutating func settle() {
        parts.removeAll { $0.ids?.isEmpty ?? false }
        joinSmallOnes()
        divideLargeOnes()
        while youngest.count >= IndexLimits.maximumYoungest, let number = free.popFirst() {
            parts.append(.read(number: number, youngest.removeFirst(IndexLimits.segmentSize)))
        }
    }

    var record: IndexRecord {
        let segments = parts.map { part in
            switch part {
            case .unread(let segment): segment
            case .read(let number, let ids): IndexSegment(number, ids)
            }
        }
        return IndexRecord(segments: segments, youngest: youngest)
    }

    /// Of the segments that were read or are new.
    var contents: [Int: SortedIDs] {
        var contents: [Int: SortedIDs] = [:]
        for case .read(let number, let ids) in parts { contents[number] = ids }
        return contents
    }

    private mutating func joinSmallOnes() {
        var index = 0
        while index < parts.count {
            guard let ids = parts[index].ids, ids.count <= IndexLimits.minimumSegment else {
                index += 1
                continue
            }
            if index > 0, join(index - 1) {
                index -= 1
            } else if index + 1 < parts.count {
                if !join(index) { index += 1 }
            } else {
                guard ids.count + youngest.count <= IndexLimits.segmentSize else { return }
                youngest = ids.followed(by: youngest)
                parts.removeLast()
            }
        }
    }

    /// Joins it with the next.
    /// - Returns: whether both were read, and are not too many.
    private mutating func join(_ index: Int) -> Bool {
        guard case .read(let number, let ids) = parts[index], let next = parts[index + 1].ids,
            ids.count + next.count <= IndexLimits.segmentSize
        else { return false }
        parts[index] = .read(number: number, ids.followed(by: next))
        parts.remove(at: index + 1)
        return true
    }

    private mutating func divideLargeOnes() {
        var index = 0
        while index < parts.count {
            if case .read(let number, var ids) = parts[index], ids.count > IndexLimits.maximumSegment {
                if index + 1 == parts.count, youngest.isEmpty {
                    parts[index] = .read(number: number, ids.removeFirst(IndexLimits.segmentSize))
                    youngest = ids
                } else if let other = free.popFirst() {
                    parts[index] = .read(number: number, ids.removeFirst(ids.count / 2))
                    parts.insert(.read(number: other, ids), at: index + 1)
                }
            }
            index += 1
        }
    }
}
