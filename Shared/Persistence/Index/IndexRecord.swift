import Domain
import JSON

/// Under `index:{kind}:{shard}`: the youngest ids of the shard's entities, and where the others are.
///
/// The ids of new entities are the greatest, so that all but the youngest are left alone in segments of their own: a
/// creation reads and writes this record and no more, and a page of a list reads the segments that it touches.
///
/// What still grows with the number of entities is the list of the segments: with 64 shards, 3 KB of it in each for
/// 100,000 entities and 30 KB for a million.
public struct IndexRecord: StateRecord, Hashable {
    public static var schemaVersion: Int { 2 }

    /// From the oldest ids to younger ones. Each holds ids from its first up to that of the next.
    var segments: [IndexSegment] = []
    /// Greater than all ids in segments.
    var youngest = SortedIDs()

    init(segments: [IndexSegment] = [], youngest: SortedIDs = SortedIDs()) {
        self.segments = segments
        self.youngest = youngest
    }

    /// The place in `segments` of the one in which `id` is or would be; nil if that is among the youngest.
    func segment(of id: String) -> Int? {
        if segments.isEmpty { return nil }
        if let start = youngest.first, id >= start { return nil }
        return segments.lastIndex { $0.first <= id } ?? 0
    }

    /// In version 1 all ids were in a list. They get into segments when something is written.
    public static func upgrade(_ document: JSONObject, from version: Int) -> JSONObject {
        var document = document
        let ids = document["ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
        document["ids"] = .string(ids.joined(separator: " "))
        document["segments"] = ""
        return document
    }
}

/// What the index knows of one segment without reading it.
struct IndexSegment: Hashable, Sendable {
    /// The last part of its key. When the segment is gone, another may have it.
    let number: Int
    let first: String
    let count: Int
    /// Of the ids: what is in the store under the key is this segment if it has the digest, and else an earlier or a
    /// later one.
    let digest: String

    /// - Parameter ids: one at least.
    init(_ number: Int, _ ids: SortedIDs) {
        self.number = number
        first = ids.first ?? ""
        count = ids.count
        digest = ids.digest
    }

    fileprivate init?(_ words: ArraySlice<Substring>) {
        guard words.count == 4, let number = Int(words[words.startIndex]), let count = Int(words[words.startIndex + 2])
        else { return nil }
        self.number = number
        first = String(words[words.startIndex + 1])
        self.count = count
        digest = String(words[words.startIndex + 3])
    }
}

extension IndexRecord {
    /// Segments are one string, like ids: `number first count digest` of each.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        youngest = try container.decode(SortedIDs.self, forKey: .youngest)
        let text = try container.decode(String.self, forKey: .segments)
        let words = text.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
        for start in stride(from: 0, to: words.count, by: 4) {
            guard let segment = IndexSegment(words[start..<min(start + 4, words.count)]) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .segments, in: container, debugDescription: "word \(start) and on is no segment")
            }
            segments.append(segment)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let words = segments.flatMap { ["\($0.number)", $0.first, "\($0.count)", $0.digest] }
        try container.encode(words.joined(separator: " "), forKey: .segments)
        try container.encode(youngest, forKey: .youngest)
    }

    private enum CodingKeys: String, CodingKey {
        case segments
        case youngest = "ids"
    }
}

/// Under `index:{kind}:{shard}:{number}`: some ids that follow one another.
struct IndexSegmentRecord: StateRecord, Hashable {
    let ids: SortedIDs
}
