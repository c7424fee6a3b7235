import Domain

/// What a change would have meant for the last decisions.
public struct DryRun: Sendable {
    public struct Difference: Sendable {
        public let request: AccessRequest
        public let before: AccessDecision
        public let after: AccessDecision
        /// How often it was asked, as far as it is remembered.
        public let count: Int
        public let lastAt: Timestamp
    }

    /// How many different decisions it was tried on.
    public let decisions: Int
    /// Latest first.
    public let differences: [Difference]
    /// Why the change would be refused, if it would leave nobody who may change rules.
    public let lockout: String?

    init(_ entries: [DecisionHistory.Entry], from before: AccessBook, to after: AccessBook, lockout: String?) {
        decisions = entries.count
        self.lockout = lockout
        differences = entries.compactMap { entry in
            let was = before.decide(entry.request)
            let becomes = after.decide(entry.request)
            guard was.isAllowed != becomes.isAllowed else { return nil }
            return Difference(
                request: entry.request, before: was, after: becomes, count: entry.count, lastAt: entry.lastAt)
        }
    }
}
