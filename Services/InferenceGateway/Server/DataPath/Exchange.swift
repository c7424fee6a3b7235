import HTTP
import InferenceGatewayCore

/// An answer that an instance has begun, until it has ended in whatever way.
///
/// Followed by exactly one `end`, which gives the instance its place back.
struct Exchange: Sendable {
    private let forwarding: Forwarding
    private let upstream: Upstream
    private let status: HTTPStatus
    /// From the request's arrival to the answer's head.
    private let firstByte: Duration
    private let accessLog: AccessLog

    init(_ forwarding: Forwarding, with upstream: Upstream, answering status: HTTPStatus, _ accessLog: AccessLog) {
        self.forwarding = forwarding
        self.upstream = upstream
        self.status = status
        self.accessLog = accessLog
        firstByte = forwarding.call.started.duration(to: .now)
    }

    func end(_ end: InstanceMeter.Outcome.End, responseBytes: Int) {
        let duration = forwarding.call.started.duration(to: .now)
        upstream.end()
        upstream.meter.record(
            InstanceMeter.Outcome(
                inferenceProtocol: forwarding.inferenceProtocol, status: status.code, end: end, duration: duration,
                firstByte: firstByte))
        let served = AccessLog.Served(by: upstream.meter, end: end, firstByte: firstByte, responseBytes: responseBytes)
        accessLog.record(forwarding.call, status, duration, served: served)
    }
}
