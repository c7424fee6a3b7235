import Domain

public enum IdempotencyLimits {
    /// How long a key is remembered.
    public static let lifetime = Duration.seconds(24 * 3600)
}

/// The first answer to an Idempotency-Key.
struct IdempotencyRecord<Answer: Codable & Sendable>: StateRecord {
    let fingerprint: String
    let answer: Answer

    func answer(to key: IdempotencyKey) throws(ServiceError) -> Answer {
        guard key.fingerprint == fingerprint else {
            throw .unprocessable(
                code: "idempotency_key_reused",
                message: "This Idempotency-Key came with another request before. Use a new key for a new request.")
        }
        return answer
    }
}
