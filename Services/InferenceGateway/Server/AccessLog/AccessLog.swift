import Domain
import HTTP
import InferenceGatewayCore
import Observability
import Synchronization

/// One line for each request that is sampled, and for each that failed at the gateway or behind it.
///
/// The event loops append to a buffer; `AccessLogWriter` writes it in the background. Lines are made at once, since
/// that takes less than to keep all that is known of a request until later. The buffer is bounded: lines that do not
/// fit are counted and dropped, since a log must not slow the requests down.
final class AccessLog: Sendable {
    /// Lines that wait at most.
    static let maximumQueued = 8192

    struct Served {
        let meter: InstanceMeter
        let end: InstanceMeter.Outcome.End
        let firstByte: Duration?
        /// Nil if the answer was no stream of events, or nothing came of it.
        let firstToken: Duration?
        let responseBytes: Int
    }

    struct Entry {
        let time: Timestamp
        let call: Call
        let status: HTTPStatus
        let duration: Duration
        /// Nil if no instance answered.
        let served: Served?
        let refusal: Refusal?
        /// Of a request that no instance answered; nil if it was for none that is known.
        let service: String?
    }

    /// What has to be written.
    struct Batch: Sendable {
        /// Whole lines.
        var pieces: [[UInt8]] = []
        var lines = 0
        /// Lines that did not fit.
        var dropped = 0
    }

    private struct Queue {
        var batch = Batch()
        /// Behind those of `batch`.
        var lines = AccessLogLines(bytes: AccessLogWriter.batchBytes)
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
    ///   - service: of a route that was found; nil: what the refusal says.
    func record(
        _ call: Call, _ status: HTTPStatus, _ duration: Duration, hasBrokenOff: Bool = false,
        served: @autoclosure () -> Served? = nil, refusal: Refusal? = nil, service: String? = nil
    ) {
        guard status.code >= 500 || hasBrokenOff || isSampled() else { return }
        let entry = Entry(
            time: now(), call: call, status: status, duration: duration, served: served(), refusal: refusal,
            service: service ?? refusal?.service)
        queue.withLock { queue in
            guard queue.batch.lines < Self.maximumQueued else {
                queue.batch.dropped += 1
                return
            }
            queue.lines.append(entry)
            queue.batch.lines += 1
            if queue.lines.isFull { queue.batch.pieces.append(queue.lines.take()) }
        }
    }

    /// What has come since the last call.
    func take() -> Batch {
        queue.withLock { queue in
            defer { queue.batch = Batch() }
            if !queue.lines.isEmpty { queue.batch.pieces.append(queue.lines.take()) }
            return queue.batch
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
