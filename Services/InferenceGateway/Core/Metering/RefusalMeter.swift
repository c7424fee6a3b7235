import Synchronization

/// How many requests the gateway answered itself, by protocol and reason.
public final class RefusalMeter: Sendable {
    public struct Count: Hashable, Sendable {
        public let inferenceProtocol: InferenceProtocol?
        /// `Refusal.code`.
        public let reason: String
        public fileprivate(set) var count: UInt64
    }

    private let counts = Mutex<[Count]>([])

    public init() {}

    /// - Parameter inferenceProtocol: nil if the path belongs to none.
    public func record(_ refusal: Refusal, _ inferenceProtocol: InferenceProtocol?) {
        let reason = refusal.code
        counts.withLock { counts in
            for index in counts.indices
            where counts[index].reason == reason && counts[index].inferenceProtocol == inferenceProtocol {
                counts[index].count += 1
                return
            }
            counts.append(Count(inferenceProtocol: inferenceProtocol, reason: reason, count: 1))
        }
    }

    public var snapshot: [Count] { counts.withLock { $0 } }
}
