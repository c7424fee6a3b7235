import Domain

/// What a look at the records led to.
public enum Decision<Answer: Sendable>: Sendable {
    /// Write this, then answer.
    case commit(StateTransaction, Answer)
    /// Nothing needs to be written.
    case settled(Answer)
}

extension RecordStore {
    /// Reads, decides and writes until the write wins, at most `ConflictRetries.maximumAttempts` times.
    ///
    /// `decide` must read everything it depends on anew each time, and must recognise its own work: an answer of the
    /// store may have been lost after it wrote.
    /// - Parameter lanes: names of records that many writers want; within this process one writer at a time gets them.
    /// - Throws: `.conflict` (`write_conflict`) after the last attempt, and what `decide` throws.
    @discardableResult
    public func change<Answer: Sendable>(
        lanes names: [String] = [], _ decide: () async throws(ServiceError) -> Decision<Answer>
    ) async throws(ServiceError) -> Answer {
        try await lanes.withTurn(names) { () async throws(ServiceError) -> Answer in
            for attempt in 1...ConflictRetries.maximumAttempts {
                if attempt > 1 { try await retries.pause(before: attempt) }
                switch try await decide() {
                case .settled(let answer): return answer
                case .commit(let transaction, let answer):
                    if try await commit(transaction) { return answer }
                }
            }
            throw .conflict(
                code: "write_conflict",
                message: "Others changed the same thing \(ConflictRetries.maximumAttempts) times meanwhile. Try again.")
        }
    }

    /// A change that leaves its answer with the caller's idempotency key, in the same transaction: whoever comes
    /// again with the key gets the first answer, and a crash at any point leaves one effect or none.
    ///
    /// Without a key this is `change`.
    /// - Throws: `.unprocessable` (`idempotency_key_reused`) if the key came with another request before, `.conflict`
    ///   (`idempotency_key_in_use`) if a request with it is still running after `WriterLanes.maximumWait`.
    @discardableResult
    public func change<Answer: Codable & Sendable>(
        lanes names: [String] = [], once key: IdempotencyKey?,
        _ decide: () async throws(ServiceError) -> Decision<Answer>
    ) async throws(ServiceError) -> Answer {
        guard let key else { return try await change(lanes: names, decide) }
        let recordKey = RecordKey<IdempotencyRecord<Answer>>("idempotency:\(key.digest)")
        let inUse = ServiceError.conflict(
            code: "idempotency_key_in_use", message: "A request with this Idempotency-Key is still running.")
        return try await lanes.withTurn([recordKey.description], busy: inUse) {
            () async throws(ServiceError) -> Answer in
            try await change(lanes: names) { () async throws(ServiceError) -> Decision<Answer> in
                if let earlier = try await read(recordKey) {
                    return .settled(try earlier.record.answer(to: key))
                }
                let decision: Decision<Answer>
                do throws(ServiceError) {
                    decision = try await decide()
                } catch {
                    // What stands in the way may be the work of the same request, done by another replica meanwhile.
                    if let earlier = try await read(recordKey) { return .settled(try earlier.record.answer(to: key)) }
                    throw error
                }
                switch decision {
                case .settled(let answer): return .settled(answer)
                case .commit(var transaction, let answer):
                    try transaction.insert(
                        recordKey, IdempotencyRecord(fingerprint: key.fingerprint, answer: answer),
                        timeToLive: IdempotencyLimits.lifetime)
                    return .commit(transaction, answer)
                }
            }
        }
    }
}
