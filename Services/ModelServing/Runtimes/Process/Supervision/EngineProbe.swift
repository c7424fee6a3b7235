import HTTP

/// Asks an engine whether it is well.
struct EngineProbe: Sendable {
    static let connectDeadline: Duration = .seconds(2)

    let transport: any HTTPTransport
    let port: UInt16
    let check: HealthCheck

    /// Nil if it is well; else what is wrong, as the end of a sentence.
    func problem() async -> String? {
        let path = check.path ?? "/"
        let deadlines = HTTPDeadlines(
            connect: min(Self.connectDeadline, check.maxWaitTime), firstByte: check.maxWaitTime,
            idle: check.maxWaitTime)
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(
                HTTPRequest(.get, path), to: HTTPOrigin(host: "127.0.0.1", port: port), deadlines: deadlines)
        } catch {
            return "GET \(path) on port \(port) got no answer (\(error))"
        }
        switch response.body {
        case .empty, .bytes: break
        case .stream(let stream, _): stream.cancel()
        }
        guard check.path != nil, response.status.code != check.expectedStatusCode else { return nil }
        return "GET \(path) on port \(port) answered \(response.status), not \(check.expectedStatusCode)"
    }
}
