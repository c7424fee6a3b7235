import HTTP

/// Calls a responder in this process instead of a server.
struct ResponderTransport: HTTPTransport {
    private let responder: any HTTPResponder

    init(_ responder: any HTTPResponder) { self.responder = responder }

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        var request = request
        request.fields.append("Host", origin.authority)
        request.peer = "127.0.0.1:40000"
        return await responder.respond(to: request)
    }
}

/// Sleeps for no time at all, but lets others run.
struct InstantClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await Task.yield()
        try Task.checkCancellation()
    }
}
