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
        document["segments"] = []
        return document
    }

    private enum CodingKeys: String, CodingKey {
        case segments
        case youngest = "ids"
    }
}

/// What the index knows of one segment without reading it. Stored as one string: `number first count digest`.
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
}

extension IndexSegment: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let parts = text.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
        guard parts.count == 4, let number = Int(parts[0]), let count = Int(parts[2]) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no segment")
        }
        self.number = number
        first = String(parts[1])
        self.count = count
        digest = String(parts[3])
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(number) \(first) \(count) \(digest)")
    }
}

/// Under `index:{kind}:{shard}:{number}`: some ids that follow one another.
struct IndexSegmentRecord: StateRecord, Hashable {
    let ids: SortedIDs
}
