import Domain

/// Somebody wants to do something to a thing.
public struct AccessRequest: Hashable, Sendable {
    public let principal: Principal
    /// `models`, `models/0192…`.
    public let object: String
    /// `model:get`.
    public let action: String

    public init(_ principal: Principal, _ object: String, _ action: String) {
        self.principal = principal
        self.object = object
        self.action = action
    }
}
