/// How it was decided whether a request may go on, for the audit.
public struct AccessTrace: Hashable, Sendable {
    /// What the route does: `model:update`.
    public var action: String
    /// On what: `models/0192…`.
    public var object: String
    /// The rule that made the decision; nil if none did.
    public var rule: String?
    /// Whether the caller was told that there is nothing, because it may not know that there is.
    public var isHidden = false

    public init(action: String, object: String) {
        self.action = action
        self.object = object
    }
}
