/// How many tokens an answer cost, as its engine counted them.
public struct TokenCounts: Hashable, Sendable {
    public var prompt: Int64
    public var completion: Int64

    public init(prompt: Int64 = 0, completion: Int64 = 0) {
        self.prompt = prompt
        self.completion = completion
    }
}
