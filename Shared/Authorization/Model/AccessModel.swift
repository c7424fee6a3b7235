/// A PERM model: what requests and policies are made of, how roles are inherited, which policies match, and what
/// follows from those that do.
public struct AccessModel: Sendable {
    /// The last characters of the names that belong together: `r2`, `p2`, `e2` and `m2` are one way of deciding.
    public struct Context: Hashable, Sendable {
        public let suffix: String

        public static let main = Self(suffix: "")

        public init(suffix: String) { self.suffix = suffix }
    }

    struct Role: Hashable, Sendable {
        /// 2, or 3 with a domain; what is beyond in a rule says nothing.
        let fieldCount: Int
    }

    struct Matcher: Sendable {
        let expression: Expression
    }

    /// Names of the fields of a request, by the name of its definition (`r`, `r2`).
    let requests: [String: [String]]
    /// Names of the fields of a policy, by the name of its definition (`p`, `p2`).
    let policies: [String: [String]]
    /// By name: `g`, `g2`.
    let roles: [String: Role]
    let effects: [String: PolicyEffect]
    let matchers: [String: Matcher]

    /// The ways of deciding that are complete.
    public var contexts: [Context] {
        matchers.keys.map { Context(suffix: String($0.dropFirst())) }.filter { context in
            requests["r" + context.suffix] != nil && policies["p" + context.suffix] != nil
                && effects["e" + context.suffix] != nil
        }.sorted { $0.suffix < $1.suffix }
    }

    /// The fields of a request in the main way of deciding.
    public var requestFields: [String] { requests["r"] ?? [] }

    /// The fields of its policies.
    public var policyFields: [String] { policies["p"] ?? [] }
}
