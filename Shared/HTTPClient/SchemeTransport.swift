import HTTP

/// Picks the transport by the origin's scheme: the keep-alive client for `http`, libcurl for `https`.
public struct SchemeTransport: HTTPTransport {
    private let plain: any HTTPTransport
    private let secure: any HTTPTransport

    public init(plain: any HTTPTransport, secure: any HTTPTransport) {
        self.plain = plain
        self.secure = secure
    }

    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        switch origin.scheme {
        case .http: try await plain.send(request, to: origin, deadlines: deadlines)
        case .https: try await secure.send(request, to: origin, deadlines: deadlines)
        }
    }
}
