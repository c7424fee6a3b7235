/// What was decided, and by what.
public struct Decision: Hashable, Sendable {
    public let isAllowed: Bool
    /// The policy that decided; nil if it was that none did.
    public let rule: PolicyFile.Rule?
    /// Why nothing could be decided, which then counts as not allowed.
    public let problem: String?

    init(isAllowed: Bool, rule: PolicyFile.Rule? = nil, problem: String? = nil) {
        self.isAllowed = isAllowed
        self.rule = rule
        self.problem = problem
    }
}
