/// How many tokens an answer cost, as its engine counted them.
public struct TokenCounts: Hashable, Sendable {
    /// The largest count of one answer: a thousand times what any model reads or writes at once. An engine can say
    /// anything, and a single answer must not spoil the sums.
    public static let maximum: Int64 = 1_000_000_000

    public let prompt: Int64
    public let completion: Int64

    /// Numbers out of range count as the nearest that is in it.
    public init(prompt: Int64 = 0, completion: Int64 = 0) {
        self.prompt = min(max(0, prompt), Self.maximum)
        self.completion = min(max(0, completion), Self.maximum)
    }
}
