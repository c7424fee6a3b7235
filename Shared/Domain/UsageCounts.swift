/// What an instance served: how many requests, how they went, how long they took and how many tokens they cost.
/// Counts only ever grow; those of two periods are added.
public struct UsageCounts: Hashable, Sendable, Codable {
    /// The largest count: what passes a double, as in JSON, unharmed.
    public static let maximum: Int64 = (1 << 53) - 1

    /// Requests that ended, in whatever way.
    public var requests: Int64 = 0
    /// Those of them that ended with a status of 500 or more, or broke off.
    public var errors: Int64 = 0
    /// Sum over all requests, in microseconds.
    public var durationMicroseconds: Int64 = 0
    /// Requests that got an answer, be it an error's.
    public var answers: Int64 = 0
    /// From a request's arrival to the head of its answer: the sum over all answers, in microseconds.
    public var firstByteMicroseconds: Int64 = 0
    /// As the engines count them, of the answers that tell.
    public var promptTokens: Int64 = 0
    public var completionTokens: Int64 = 0

    public init() {}

    public var isZero: Bool { self == Self() }

    /// Stops at `maximum` instead of overflowing.
    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        for count in counts {
            sum[keyPath: count] = min(left[keyPath: count], maximum) + min(right[keyPath: count], maximum)
            sum[keyPath: count] = min(sum[keyPath: count], maximum)
        }
        return sum
    }

    public static func += (left: inout Self, right: Self) { left = left + right }

    private static var counts: [WritableKeyPath<Self, Int64>] {
        [
            \.requests, \.errors, \.durationMicroseconds, \.answers, \.firstByteMicroseconds, \.promptTokens,
            \.completionTokens,
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case requests, errors, answers
        case durationMicroseconds = "duration_us"
        case firstByteMicroseconds = "first_byte_us"
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
    }
}
