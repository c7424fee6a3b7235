import Domain

/// One shard of an index, as far as it was read, and what becomes of it.
///
/// Each change of a segment changes what the shard's record says of it, so that one ETag guards the whole shard.
public struct IndexShard: Sendable {
    let key: RecordKey<IndexRecord>
    private let stored: Stored<IndexRecord>?
    /// What was found under the numbers that were looked at.
    private let found: [Int: Stored<IndexSegmentRecord>]
    /// Numbers for new segments: what was found under them belongs to nobody.
    private let free: [Int]
    /// What becomes of the segments that were read.
    private var contents: [Int: SortedIDs] = [:]
    private var youngest: SortedIDs
    /// Whether an id was to come, be it new or not: whoever takes it out meanwhile must not win.
    private var isTouched = false

    /// - Parameter reading: what was looked at. A segment that should be there and is not is taken for empty.
    init(
        _ key: RecordKey<IndexRecord>, _ stored: Stored<IndexRecord>?, reading: IndexReading,
        _ found: [Int: Stored<IndexSegmentRecord>]
    ) {
        self.key = key
        self.stored = stored
        self.found = found
        free = reading.free
        for number in reading.segments { contents[number] = found[number]?.record.ids ?? SortedIDs() }
        youngest = stored?.record.youngest ?? SortedIDs()
    }

    /// - Returns: whether it was new.
    /// - Throws: if this id was not among those for which the shard was read.
    public mutating func insert(_ id: String) throws(ServiceError) -> Bool {
        isTouched = true
        guard let number = number(of: id) else { return youngest.insert(id) }
        guard var ids = contents[number] else { throw unread(number) }
        defer { contents[number] = ids }
        return ids.insert(id)
    }

    /// - Returns: whether it was there.
    /// - Throws: if this id was not among those for which the shard was read.
    public mutating func remove(_ id: String) throws(ServiceError) -> Bool {
        guard let number = number(of: id) else { return youngest.remove(id) }
        guard var ids = contents[number] else { throw unread(number) }
        defer { contents[number] = ids }
        return ids.remove(id)
    }

    /// Adds what has changed.
    public func write(into transaction: inout StateTransaction) throws(ServiceError) {
        var division = IndexDivision(former: stored?.record.segments ?? [], contents, youngest: youngest, free: free)
        division.settle()
        let record = division.record
        guard isTouched || record != stored?.record ?? IndexRecord() else { return }
        try transaction.write(key, over: stored, record)
        for (number, ids) in division.contents where found[number]?.record.ids != ids {
            try transaction.write(
                Self.segmentKey(key, number), over: found[number], IndexSegmentRecord(ids: ids))
        }
        for number in contents.keys where division.contents[number] == nil {
            if let segment = found[number] { transaction.delete(segment) }
        }
    }

    static func segmentKey(_ key: RecordKey<IndexRecord>, _ number: Int) -> RecordKey<IndexSegmentRecord> {
        RecordKey("\(key):\(number)")
    }

    /// By what was read, whatever was changed since: that decides what is at hand.
    private func number(of id: String) -> Int? {
        guard let record = stored?.record, let index = record.segment(of: id) else { return nil }
        return record.segments[index].number
    }

    private func unread(_ number: Int) -> ServiceError {
        .internalFault(detail: "\(Self.segmentKey(key, number)) is to be changed and was not read")
    }
}

/// The numbers at which to look before ids come or go.
struct IndexReading {
    var segments: Set<Int> = []
    /// Numbers that no segment has.
    var free: [Int] = []

    var numbers: [Int] { segments.sorted() + free }

    init(_ record: IndexRecord, changing ids: [String]) {
        let surplus = record.youngest.count + ids.count - IndexLimits.maximumYoungest
        var new = surplus < 0 ? 0 : surplus / IndexLimits.segmentSize + 1
        for id in ids {
            guard let index = record.segment(of: id) else { continue }
            let segment = record.segments[index]
            // It may be joined with one beside it.
            let reach = segment.count <= IndexLimits.minimumSegment + 1 ? 1 : 0
            for neighbour in index - reach...index + reach where record.segments.indices.contains(neighbour) {
                segments.insert(record.segments[neighbour].number)
            }
            if segment.count + ids.count > IndexLimits.maximumSegment { new += 1 }
        }
        let taken = Set(record.segments.map(\.number))
        free = Array((1...).lazy.filter { !taken.contains($0) }.prefix(min(new, IndexLimits.maximumNewSegments)))
    }
}
