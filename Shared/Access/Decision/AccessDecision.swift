/// Whether somebody may, and why.
public struct AccessDecision: Hashable, Sendable {
    public let isAllowed: Bool
    /// The rule that decided; nil if none says anything, which is not allowed.
    public let rule: AccessRule?
    /// Under which of the principal's names it was found.
    public let name: String?
    /// Why nothing could be decided, which is not allowed either.
    public let problem: String?

    init(isAllowed: Bool, rule: AccessRule? = nil, name: String? = nil, problem: String? = nil) {
        self.isAllowed = isAllowed
        self.rule = rule
        self.name = name
        self.problem = problem
    }

    /// Refused by a rule that says so, not for want of one.
    public var isDenied: Bool { !isAllowed && rule != nil }
}
