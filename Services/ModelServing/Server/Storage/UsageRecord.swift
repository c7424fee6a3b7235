import Domain
import Persistence

/// Under `usage:{instance_id}`: what an instance served. Removed together with `instance:{instance_id}`.
struct UsageRecord: StateRecord {
    private let requests: StoredInteger
    private let errors: StoredInteger
    private let duration: StoredInteger
    private let answers: StoredInteger
    private let firstByte: StoredInteger
    private let promptTokens: StoredInteger
    private let completionTokens: StoredInteger

    init(_ counts: UsageCounts) {
        requests = StoredInteger(counts.requests)
        errors = StoredInteger(counts.errors)
        duration = StoredInteger(counts.durationMicroseconds)
        answers = StoredInteger(counts.answers)
        firstByte = StoredInteger(counts.firstByteMicroseconds)
        promptTokens = StoredInteger(counts.promptTokens)
        completionTokens = StoredInteger(counts.completionTokens)
    }

    var counts: UsageCounts {
        var counts = UsageCounts()
        counts.requests = requests.value
        counts.errors = errors.value
        counts.durationMicroseconds = duration.value
        counts.answers = answers.value
        counts.firstByteMicroseconds = firstByte.value
        counts.promptTokens = promptTokens.value
        counts.completionTokens = completionTokens.value
        return counts
    }

    static func key(_ id: ModelServiceInstanceID) -> RecordKey<Self> { RecordKey("usage:\(id)") }

    private enum CodingKeys: String, CodingKey {
        case requests, errors, answers
        case duration = "duration_us"
        case firstByte = "first_byte_us"
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
    }
}

/// Under `usage_source:{gateway}`: the last batch that was taken from each of a gateway's incarnations.
struct UsageSourceRecord: StateRecord {
    /// Kept of one gateway; a batch of an older one can no longer be told from a new one. A gateway begins another only
    /// when it has lost its write-ahead file.
    static let maximumIncarnations = 16

    private struct Incarnation: Codable, Sendable {
        let id: String
        var sequence: StoredInteger
    }

    /// The last one to report is the last.
    private var incarnations: [Incarnation] = []

    init() {}

    static func key(_ gateway: String) -> RecordKey<Self> { RecordKey("usage_source:\(gateway)") }

    /// - Returns: false if this or a later batch was noted before.
    mutating func note(_ batch: UsageBatchNumber) -> Bool {
        let index = incarnations.firstIndex { $0.id == batch.incarnation }
        if let index, incarnations[index].sequence.value >= batch.sequence { return false }
        if let index { incarnations.remove(at: index) }
        incarnations.append(Incarnation(id: batch.incarnation, sequence: StoredInteger(batch.sequence)))
        incarnations.removeFirst(max(0, incarnations.count - Self.maximumIncarnations))
        return true
    }
}

struct UsageBatchNumber: Hashable, Sendable {
    let incarnation: String
    let sequence: Int64
}
