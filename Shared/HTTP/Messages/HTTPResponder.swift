/// Answers requests: what a server engine is given. A router, or the gateway's data path.
public protocol HTTPResponder: Sendable {
    /// Runs on the loop that received the request, and must not compute for long there. Never throws: errors have
    /// become responses by here. The task is cancelled when the client goes away.
    func respond(to request: consuming HTTPRequest) async -> HTTPResponse
}
