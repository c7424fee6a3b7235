import Domain
import HTTP
import InferenceGatewayCore
import Observability
import Synchronization

/// One line for each request that is sampled, and for each that failed at the gateway or behind it.
///
/// The event loops only queue what is known; `AccessLogWriter` makes lines of it in the background. The queue is
/// bounded: lines that do not fit are counted and dropped, since a log must not slow the requests down.
final class AccessLog: Sendable {
    /// Requests that wait for their line at most.
    static let maximumQueued = 8192

    struct Served: Sendable {
        let service: String
        let instanceID: ModelServiceInstanceID
        let end: InstanceMeter.Outcome.End
        let firstByte: Duration?
        let responseBytes: Int

        init(by meter: InstanceMeter, end: InstanceMeter.Outcome.End, firstByte: Duration?, responseBytes: Int) {
            service = meter.service
            instanceID = meter.instanceID
            self.end = end
            self.firstByte = firstByte
            self.responseBytes = responseBytes
        }
    }

    struct Entry: Sendable {
        let time: Timestamp
        let call: Call
        let status: HTTPStatus
        let duration: Duration
        /// Nil if no instance answered.
        let served: Served?
        let refusal: Refusal?
    }

    private struct Queue {
        var entries: [Entry] = []
        var dropped = 0
    }

    private let samplePercent: Int
    private let now: @Sendable () -> Timestamp
    private let queue = Mutex(Queue())
    private let sequence = Atomic<Int>(0)

    /// - Parameter samplePercent: of the requests that went well, 0 to 100.
    init(samplePercent: Int, now: @escaping @Sendable () -> Timestamp) {
        self.samplePercent = samplePercent
        self.now = now
    }

    /// - Parameters:
    ///   - hasBrokenOff: the instance broke off in mid-answer.
    ///   - served: asked for only if there will be a line.
    func record(
        _ call: Call, _ status: HTTPStatus, _ duration: Duration, hasBrokenOff: Bool = false,
        served: @autoclosure () -> Served? = nil, refusal: Refusal? = nil
    ) {
        guard status.code >= 500 || hasBrokenOff || isSampled() else { return }
        let entry = Entry(
            time: now(), call: call, status: status, duration: duration, served: served(), refusal: refusal)
        queue.withLock { queue in
            if queue.entries.count < Self.maximumQueued { queue.entries.append(entry) } else { queue.dropped += 1 }
        }
    }

    /// What was queued since the last call, and how many lines did not fit.
    func take() -> (entries: [Entry], dropped: Int) {
        queue.withLock { queue in
            defer { queue = Queue() }
            return (queue.entries, queue.dropped)
        }
    }

    private func isSampled() -> Bool {
        switch samplePercent {
        case 0: false
        case 100: true
        default: sequence.wrappingAdd(1, ordering: .relaxed).newValue % 100 < samplePercent
        }
    }
}
