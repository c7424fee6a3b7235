/// What is known of OpenAI's paths. They come without their query.
public enum OpenAIPaths {
    /// A POST to one of these only computes: an answer that was lost can be computed again.
    public static let computations: Set<Substring> = streamsEndingWithDone.union([
        "/v1/embeddings", "/v1/rerank", "/v1/score",
    ])
    /// Here the last event of a stream is `[DONE]`; other streams have other last events.
    public static let streamsEndingWithDone: Set<Substring> = ["/v1/chat/completions", "/v1/completions"]
}
