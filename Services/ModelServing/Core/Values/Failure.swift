/// One thing that went wrong with an instance.
public struct Failure: Error, Hashable, Sendable, Codable {
    /// Bytes of a message kept.
    public static let maximumMessageLength = 2000

    public let reason: FailureReason
    /// What happened, with the values that matter (both digests, the port, the exit status). Never a secret.
    public let message: String

    public init(_ reason: FailureReason, _ message: String) {
        self.reason = reason
        self.message = Self.shortened(message)
    }

    /// So much of a text as is kept in a record.
    static func shortened(_ message: String) -> String {
        message.utf8.count <= maximumMessageLength ? message : String(message.prefix(maximumMessageLength / 4)) + "…"
    }

    public var operatorAction: String { reason.operatorAction }
}
