import HTTP

/// A way to an app: to its port, or to the sidecar beside it.
protocol InvocationChannel: Sendable {
    /// Returns whatever the app answers.
    func send(_ request: HTTPRequest) async throws(InvocationFailure) -> HTTPResponse
}

/// Why an app did not answer, in daprd's words.
struct InvocationFailure: Error, Hashable {
    let reason: String
}

extension HTTPDeadlines {
    /// Invocation has no time-out of its own: a day only keeps a wait from being endless.
    static let invocation = HTTPDeadlines(
        connect: .seconds(5), firstByte: .seconds(24 * 3600), idle: .seconds(24 * 3600))
}
