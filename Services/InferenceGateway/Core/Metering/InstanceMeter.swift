import Domain
import Synchronization

/// What one instance served. Each request counts once, when its answer has ended in whatever way.
public final class InstanceMeter: Sendable {
    /// One request that an instance was given, and how it went.
    public struct Outcome: Hashable, Sendable {
        public enum End: Hashable, Sendable {
            case complete
            /// The caller went away before the answer's end.
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

        public init(
            inferenceProtocol: InferenceProtocol, status: Int, end: End, duration: Duration, firstByte: Duration?
        ) {
            self.inferenceProtocol = inferenceProtocol
            self.status = status
            self.end = end
            self.duration = duration
            self.firstByte = firstByte
        }
    }

    /// The counts as of one moment.
    public struct Snapshot: Sendable {
        /// Requests by protocol and status, in the order in which they first occurred.
        public fileprivate(set) var requests: [StatusCount] = []
        public fileprivate(set) var clientsGone: UInt64 = 0
        public fileprivate(set) var answersBroken: UInt64 = 0
        /// Attempts that failed before an answer began, and after which the request went to another instance.
        public fileprivate(set) var attemptsFailed: UInt64 = 0
        public fileprivate(set) var durations = DurationHistogram()
        public fileprivate(set) var firstBytes = DurationHistogram()

        public var total: UInt64 { requests.reduce(0) { $0 + $1.count } }
    }

    public struct StatusCount: Hashable, Sendable {
        public let inferenceProtocol: InferenceProtocol
        public let status: Int
        public fileprivate(set) var count: UInt64
    }

    public let instanceID: ModelServiceInstanceID
    public let service: String
    public let revision: Int
    private let counts = Mutex(Snapshot())

    init(instanceID: ModelServiceInstanceID, service: String, revision: Int) {
        self.instanceID = instanceID
        self.service = service
        self.revision = revision
    }

    public func record(_ outcome: Outcome) {
        counts.withLock { counts in
            counts.add(outcome.inferenceProtocol, outcome.status)
            switch outcome.end {
            case .complete: break
            case .clientGone: counts.clientsGone += 1
            case .upstreamBroke: counts.answersBroken += 1
            }
            counts.durations.record(outcome.duration)
            if let firstByte = outcome.firstByte { counts.firstBytes.record(firstByte) }
        }
    }

    /// The instance failed a request that is tried elsewhere; that other instance counts it.
    public func recordFailedAttempt() {
        counts.withLock { $0.attemptsFailed += 1 }
    }

    public var snapshot: Snapshot { counts.withLock { $0 } }
}

extension InstanceMeter.Snapshot {
    /// A scan, since an instance answers with a handful of statuses, the common one first.
    fileprivate mutating func add(_ inferenceProtocol: InferenceProtocol, _ status: Int) {
        for index in requests.indices
        where requests[index].status == status && requests[index].inferenceProtocol == inferenceProtocol {
            requests[index].count += 1
            return
        }
        requests.append(
            InstanceMeter.StatusCount(inferenceProtocol: inferenceProtocol, status: status, count: 1))
    }
}
