import Synchronization

/// How many requests the gateway answered itself, by protocol, reason and service.
public final class RefusalMeter: Sendable {
    /// Of services that come and go, those beyond this count without their names.
    public static let maximumServices = 10_000

    /// What is counted together.
    private struct Key: Hashable {
        let inferenceProtocol: InferenceProtocol?
        let reason: String
        let service: String
    }

    public struct Count: Hashable, Sendable {
        public let inferenceProtocol: InferenceProtocol?
        /// `Refusal.code`.
        public let reason: String
        /// Empty if the request was for none that is known.
        public let service: String
        public fileprivate(set) var count: UInt64
    }

    private struct State {
        /// In the order in which they first occurred.
        var counts: [Count] = []
        var indices: [Key: Int] = [:]
        var services: Set<String> = []
    }

    private let state = Mutex(State())

    public init() {}

    /// - Parameters:
    ///   - inferenceProtocol: nil if the path belongs to none.
    ///   - service: of a route that was found, never a name that only the caller knows; nil: what the refusal says.
    public func record(_ refusal: Refusal, _ inferenceProtocol: InferenceProtocol?, service: String? = nil) {
        let reason = refusal.code
        let service = service ?? refusal.service ?? ""
        state.withLock { state in
            let isKnown = state.services.contains(service) || state.services.count < Self.maximumServices
            let key = Key(
                inferenceProtocol: inferenceProtocol, reason: reason, service: isKnown ? service : "")
            if let index = state.indices[key] {
                state.counts[index].count += 1
                return
            }
            state.services.insert(key.service)
            state.indices[key] = state.counts.count
            state.counts.append(
                Count(inferenceProtocol: inferenceProtocol, reason: reason, service: key.service, count: 1))
        }
    }

    public var snapshot: [Count] { state.withLock { $0.counts } }
}
