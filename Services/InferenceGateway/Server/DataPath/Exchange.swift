import HTTP
import InferenceGatewayCore

/// One request in the hands of one instance, from before it is sent until its answer has ended, in whatever way.
///
/// Every exchange is followed by exactly one `end` or `giveUp`, which gives the instance its place back.
struct Exchange: Sendable {
    let call: Call
    let route: ServiceRoute
    let upstream: Upstream
    let inferenceProtocol: InferenceProtocol
    private let accessLog: AccessLog
    /// The answer's head: its status, and when it came.
    private var head: (status: HTTPStatus, after: Duration)?

    init(
        _ call: Call, to upstream: Upstream, of route: ServiceRoute, _ inferenceProtocol: InferenceProtocol,
        _ log: AccessLog
    ) {
        self.call = call
        self.route = route
        self.upstream = upstream
        self.inferenceProtocol = inferenceProtocol
        accessLog = log
        upstream.begin()
    }

    mutating func answerBegan(_ status: HTTPStatus) {
        head = (status, call.started.duration(to: .now))
    }

    /// The answer has ended.
    func end(_ end: InstanceMeter.Outcome.End, responseBytes: Int) {
        let duration = call.started.duration(to: .now)
        let status = head?.status ?? .clientClosedRequest
        finish(end, status, duration, firstByte: head?.after)
        let served = AccessLog.Served(
            by: upstream.meter, end: end, firstByte: head?.after, responseBytes: responseBytes)
        accessLog.record(call, status, duration, served: served)
    }

    /// No answer began; the caller gets a refusal with this status instead, if it is still there.
    func endWithoutAnswer(_ status: HTTPStatus) {
        let end: InstanceMeter.Outcome.End = status == .clientClosedRequest ? .clientGone : .complete
        finish(end, status, call.started.duration(to: .now), firstByte: nil)
    }

    /// No answer began, and another instance is asked: that one counts the request.
    func giveUp() {
        upstream.end()
        upstream.meter.recordFailedAttempt()
    }

    private func finish(
        _ end: InstanceMeter.Outcome.End, _ status: HTTPStatus, _ duration: Duration, firstByte: Duration?
    ) {
        upstream.end()
        upstream.meter.record(
            InstanceMeter.Outcome(
                inferenceProtocol: inferenceProtocol, status: status.code, end: end, duration: duration,
                firstByte: firstByte))
    }
}
