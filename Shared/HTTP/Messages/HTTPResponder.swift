/// Answers requests: what a server engine is given. A router, or the gateway's data path.
public protocol HTTPResponder: Sendable {
    /// Runs on the loop that received the request, and must not compute for long there. Never throws: errors have
    /// become responses by here. The task is cancelled when the client goes away.
    func respond(to request: consuming HTTPRequest) async -> HTTPResponse

    /// Puts into words why a server does not take what it received for a request. The connection ends with it.
    ///
    /// - Returns: a response whose body is there; nil for the reason as plain text.
    func refuse(_ error: HTTPParseError) -> HTTPResponse?
}

extension HTTPResponder {
    public func refuse(_ error: HTTPParseError) -> HTTPResponse? { nil }
}
