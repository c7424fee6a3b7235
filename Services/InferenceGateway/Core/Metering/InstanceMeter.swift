import Domain
import Synchronization

/// What one instance served. Each request counts once, when its answer has ended in whatever way.
public final class InstanceMeter: Sendable {
    /// One request that an instance was given, and how it went.
    public struct Outcome: Hashable, Sendable {
        public enum End: Hashable, Sendable {
            case complete
            /// The caller went away, or broke its request off, before the answer's end.
            case clientGone
            /// The instance broke off in mid-answer.
            case upstreamBroke
        }

        public let inferenceProtocol: InferenceProtocol
        /// The status that the caller got; 499, as nginx has it, if it was gone before the answer began.
        public let status: Int
        public let end: End
        public let duration: Duration
        /// Until the answer's head; nil if there was none.
        public let firstByte: Duration?
        /// Until the first piece of a stream of events; nil if it had none, and for any other answer.
        public let firstToken: Duration?
        /// Nil if the answer does not tell.
        public let tokens: TokenCounts?

        public init(
            inferenceProtocol: InferenceProtocol, status: Int, end: End, duration: Duration, firstByte: Duration?,
            firstToken: Duration? = nil, tokens: TokenCounts? = nil
        ) {
            self.inferenceProtocol = inferenceProtocol
            self.status = status
            self.end = end
            self.duration = duration
            self.firstByte = firstByte
            self.firstToken = firstToken
            self.tokens = tokens
        }
    }

    /// The counts as of one moment.
    public struct Snapshot: Sendable {
        /// Requests by protocol and status, in the order in which they first occurred.
        public fileprivate(set) var requests: [StatusCount] = []
        public fileprivate(set) var clientsGone: UInt64 = 0
        public fileprivate(set) var answersBroken: UInt64 = 0
        /// Attempts that failed before an answer began, and after which the request was to go to another instance.
        public fileprivate(set) var attemptsFailed: UInt64 = 0
        /// How often the instance was left alone for its failures.
        public fileprivate(set) var ejections: UInt64 = 0
        public fileprivate(set) var durations = DurationHistogram()
        public fileprivate(set) var firstBytes = DurationHistogram()
        /// Of streams of events alone.
        public fileprivate(set) var firstTokens = DurationHistogram()
        public fileprivate(set) var promptTokens: UInt64 = 0
        public fileprivate(set) var completionTokens: UInt64 = 0

        public var total: UInt64 { requests.reduce(0) { $0 + $1.count } }
    }

    public struct StatusCount: Hashable, Sendable {
        public let inferenceProtocol: InferenceProtocol
        public let status: Int
        public fileprivate(set) var count: UInt64
    }

    public let instanceID: ModelServiceInstanceID
    public let service: String
    /// Made once, since every line of the access log has them.
    public let instanceIDText: [UInt8]
    public let serviceText: [UInt8]
    public let revision: Int
    private let counts = Mutex((shown: Snapshot(), unreported: Unreported()))

    init(instanceID: ModelServiceInstanceID, service: String, revision: Int) {
        self.instanceID = instanceID
        self.service = service
        instanceIDText = Array(instanceID.description.utf8)
        serviceText = Array(service.utf8)
        self.revision = revision
    }

    /// - Returns: whether it is the first since `takeUnreported()`.
    @discardableResult
    public func record(_ outcome: Outcome) -> Bool {
        counts.withLock { counts in
            counts.shown.add(outcome)
            let isFirst = counts.unreported.counts.requests == 0
            counts.unreported.add(outcome)
            return isFirst
        }
    }

    /// The instance failed a request that is to be tried elsewhere; who is given it last counts it.
    public func recordFailedAttempt() {
        counts.withLock { $0.shown.attemptsFailed += 1 }
    }

    func recordEjection() { counts.withLock { $0.shown.ejections += 1 } }

    public var snapshot: Snapshot { counts.withLock { $0.shown } }

    /// What was recorded since the last call.
    public func takeUnreported() -> UsageCounts {
        counts.withLock { counts in
            defer { counts.unreported = Unreported() }
            return counts.unreported.total
        }
    }

    /// Durations become microseconds once for many requests: that is a division of 128 bits.
    private struct Unreported {
        var counts = UsageCounts()
        private var duration = Duration.zero
        private var firstByte = Duration.zero

        mutating func add(_ outcome: Outcome) {
            counts.requests += 1
            if outcome.status >= 500 || outcome.end == .upstreamBroke { counts.errors += 1 }
            duration += outcome.duration
            if let time = outcome.firstByte {
                counts.answers += 1
                firstByte += time
            }
            if let tokens = outcome.tokens {
                // One answer's counts are bounded, so these cannot overflow.
                counts.promptTokens = min(counts.promptTokens + tokens.prompt, UsageCounts.maximum)
                counts.completionTokens = min(counts.completionTokens + tokens.completion, UsageCounts.maximum)
            }
        }

        var total: UsageCounts {
            var total = counts
            total.durationMicroseconds = duration.microseconds
            total.firstByteMicroseconds = firstByte.microseconds
            return total
        }
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds &* 1_000_000 &+ components.attoseconds / 1_000_000_000_000
    }
}

extension InstanceMeter.Snapshot {
    fileprivate mutating func add(_ outcome: InstanceMeter.Outcome) {
        add(outcome.inferenceProtocol, outcome.status)
        switch outcome.end {
        case .complete: break
        case .clientGone: clientsGone += 1
        case .upstreamBroke: answersBroken += 1
        }
        durations.record(outcome.duration)
        if let firstByte = outcome.firstByte { firstBytes.record(firstByte) }
        if let firstToken = outcome.firstToken { firstTokens.record(firstToken) }
        if let tokens = outcome.tokens {
            promptTokens = Self.sum(promptTokens, tokens.prompt)
            completionTokens = Self.sum(completionTokens, tokens.completion)
        }
    }

    /// Stops at the largest count that can be reported.
    private static func sum(_ total: UInt64, _ tokens: Int64) -> UInt64 {
        min(total + UInt64(tokens), UInt64(UsageCounts.maximum))
    }

    /// A scan, since an instance answers with a handful of statuses, the common one first.
    private mutating func add(_ inferenceProtocol: InferenceProtocol, _ status: Int) {
        for index in requests.indices
        where requests[index].status == status && requests[index].inferenceProtocol == inferenceProtocol {
            requests[index].count += 1
            return
        }
        requests.append(
            InstanceMeter.StatusCount(inferenceProtocol: inferenceProtocol, status: status, count: 1))
    }
}
