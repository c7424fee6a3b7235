/// What follows from the policies that match.
public enum PolicyEffect: Hashable, Sendable, CaseIterable {
    /// Allowed if any matching policy allows.
    case allowOverride
    /// Allowed unless a matching policy denies.
    case denyOverride
    /// Allowed if a matching policy allows and none denies.
    case allowAndDeny
    /// As the first matching policy says; policies with a `priority` come in its order.
    case priority
    /// The same, with the policies of the roles that are inherited least first.
    case subjectPriority

    /// The text of it in a model file, white space aside.
    var text: String {
        switch self {
        case .allowOverride: "some(where (p.eft == allow))"
        case .denyOverride: "!some(where (p.eft == deny))"
        case .allowAndDeny: "some(where (p.eft == allow)) && !some(where (p.eft == deny))"
        case .priority: "priority(p.eft) || deny"
        case .subjectPriority: "subjectPriority(p.eft) || deny"
        }
    }

    /// Nil for a text that is none of them.
    init?(_ text: String) {
        func bare(_ text: String) -> String {
            text.replacing("_eft", with: ".eft").filter { !$0.isWhitespace }
        }
        let wanted = bare(text)
        guard let effect = Self.allCases.first(where: { bare($0.text) == wanted }) else { return nil }
        self = effect
    }

    /// Of one policy.
    enum Verdict: Hashable, Sendable {
        case allow, deny
        /// Its `eft` is neither.
        case neither

        init(_ eft: String) {
            switch eft {
            case "allow": self = .allow
            case "deny": self = .deny
            default: self = .neither
            }
        }
    }

    /// What the policies looked at so far have said.
    struct Tally: Sendable {
        var hasAllowed = false
        var hasDenied = false

        mutating func add(_ verdict: Verdict) {
            switch verdict {
            case .allow: hasAllowed = true
            case .deny: hasDenied = true
            case .neither: break
            }
        }
    }

    /// Whether what comes later cannot change it.
    func isDecided(by tally: Tally) -> Bool {
        switch self {
        case .allowOverride: tally.hasAllowed
        case .denyOverride, .allowAndDeny: tally.hasDenied
        case .priority, .subjectPriority: tally.hasAllowed || tally.hasDenied
        }
    }

    func allows(_ tally: Tally) -> Bool {
        switch self {
        case .allowOverride, .priority, .subjectPriority: tally.hasAllowed
        case .denyOverride: !tally.hasDenied
        case .allowAndDeny: tally.hasAllowed && !tally.hasDenied
        }
    }
}
