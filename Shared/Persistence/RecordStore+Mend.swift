import Dapr
import Domain

/// What a look at records that should agree came to, if they do not.
public struct Disagreement: Sendable {
    public let finding: ConsistencyFinding
    let writes: StateTransaction
    let isRepairable: Bool

    /// - Parameter writes: what mends it. Each record on which the finding rests is among them, if only written as it
    ///   was read: its ETag is the proof that the finding still holds.
    public static func repairable(_ finding: ConsistencyFinding, by writes: StateTransaction) -> Self {
        Self(finding: finding, writes: writes, isRepairable: true)
    }

    /// - Parameter evidence: never written. It says which records the finding rests on, and as what they were read.
    public static func unrepairable(_ finding: ConsistencyFinding, evidence: StateTransaction) -> Self {
        Self(finding: finding, writes: evidence, isRepairable: false)
    }
}

extension RecordStore {
    /// Looks at records that seemed to disagree, and mends them if it may.
    ///
    /// `look` must read everything anew, and first what is written whenever the rest is: an index before its entities,
    /// a name before its owner. Then a change that happens in between shows in an ETag, and `look` is asked again.
    /// - Returns: nil if they agree.
    public func mend(
        lanes names: [String] = [], repairing: Bool, _ look: () async throws(ServiceError) -> Disagreement?
    ) async throws(ServiceError) -> ConsistencyFinding? {
        try await change(lanes: names) { () async throws(ServiceError) -> Decision<ConsistencyFinding?> in
            guard let found = try await look() else { return .settled(nil) }
            if repairing, found.isRepairable { return .commit(found.writes, found.finding.repaired) }
            // What changed meanwhile may well be right: that is for the next check to say.
            return .settled(try await holds(found.writes) ? found.finding : nil)
        }
    }

    /// Whether the conditions of all operations hold at the moment.
    private func holds(_ transaction: StateTransaction) async throws(ServiceError) -> Bool {
        let entries = try await entries(transaction.operations.map(\.key)).entries
        return transaction.operations.allSatisfy { operation in
            let etag = entries[operation.key]?.etag
            return switch operation {
            case .delete(_, let expected): expected == nil || etag == expected
            case .upsert(_, _, .always, _): true
            case .upsert(_, _, .insertOnly, _): etag == nil
            case .upsert(_, _, .etag(let expected), _): etag == expected
            }
        }
    }
}
