import EventLoop
import HTTP

/// What the connections of a server on one loop have in common. They refer to it and not to the server, which has them:
/// to look whether a server is still there costs two locked instructions each time.
final class ConnectionContext {
    let responder: any LoopResponder
    let limits: HTTPServerLimits
    let times: ServerTimes
    /// See `HTTPServer.init`.
    let tasksPreferLoop: Bool
    let dateField: DateField
    var isDraining = false
    /// Who is idle need not be served any more.
    var closesIdle = false
    /// Where heads are put together; it is empty between uses.
    var scratch: [UInt8] = []

    init(
        responder: any LoopResponder, limits: HTTPServerLimits, tasksPreferLoop: Bool,
        timeOfDay: (@Sendable () -> Int64)?
    ) {
        self.responder = responder
        self.limits = limits
        times = ServerTimes(limits)
        self.tasksPreferLoop = tasksPreferLoop
        dateField = DateField(timeOfDay)
    }
}

/// The durations of the limits in the loop's terms.
struct ServerTimes {
    let head: LoopDuration
    let idle: LoopDuration
    let writeStall: LoopDuration
    let bodyRateWindow: LoopDuration
    let linger: LoopDuration

    init(_ limits: HTTPServerLimits) {
        head = LoopDuration(limits.headTimeout)
        idle = LoopDuration(limits.idleTimeout)
        writeStall = LoopDuration(limits.writeStall)
        bodyRateWindow = LoopDuration(limits.bodyRateWindow)
        linger = LoopDuration(limits.lingerTimeout)
    }
}
