import Authorization
import Domain

/// All rules at one time, ready to decide. Made anew for each change.
public final class AccessBook: Sendable {
    /// Of the stored rules.
    public let version: Int64
    /// The file's, then the store's, each in the order in which they were made.
    public let rules: [AccessRule]
    private let policy: AccessPolicy
    private let keys: [String: AccessRule]
    private let collectionsWithNamedThings: Set<Substring>

    /// - Throws: `.internalFault` if the model has no way to say what a stored rule says: to leave that rule out could
    ///   allow what somebody has denied.
    public init(_ files: AccessFiles, _ stored: StoredRules = StoredRules()) throws(ServiceError) {
        version = stored.version
        rules = files.rules + stored.rules
        var lines: [PolicyFile.Rule] = []
        var keys: [String: AccessRule] = [:]
        var collections: Set<Substring> = []
        for (index, rule) in rules.enumerated() {
            if let line = files.line(of: rule, number: index + 1) { lines.append(line) }
            switch rule.content {
            case .policy(let entry):
                guard files.canSay(entry) else {
                    throw .internalFault(
                        detail: "the policy \(rule.id) denies, and the access model's policies have no eft")
                }
                if let collection = Self.collection(ofNamed: entry.object) { collections.insert(collection) }
            case .apiKey(let entry): keys[entry.digest] = rule
            case .role, .binding: continue
            }
        }
        do throws(SourceError) {
            policy = try AccessPolicy(files.model, PolicyFile(lines))
        } catch {
            throw .internalFault(detail: "the access rule \(error.line) does not fit the model: \(error.message)")
        }
        self.keys = keys
        collectionsWithNamedThings = collections
    }

    /// Asks for each of the principal's names: one denial decides, else what allows.
    public func decide(_ request: AccessRequest) -> AccessDecision {
        var allowed: AccessDecision?
        for name in request.principal.names {
            let decision = policy.decide([name, request.object, request.action])
            if let problem = decision.problem { return AccessDecision(isAllowed: false, problem: problem) }
            let rule = decision.rule.map { rules[$0.line - 1] }
            if decision.isAllowed {
                if allowed == nil { allowed = AccessDecision(isAllowed: true, rule: rule, name: name) }
            } else if rule != nil {
                return AccessDecision(isAllowed: false, rule: rule, name: name)
            }
        }
        return allowed ?? AccessDecision(isAllowed: false)
    }

    public func isAllowed(_ principal: Principal, _ object: String, _ action: String) -> Bool {
        decide(AccessRequest(principal, object, action)).isAllowed
    }

    /// The key with a digest, expired or not.
    public func apiKey(digest: String) -> AccessRule? { keys[digest] }

    /// Whether a policy is about one thing of a collection by its id, so that its other names matter.
    public func namesThings(of collection: String) -> Bool { collectionsWithNamedThings.contains(collection[...]) }

    /// The roles that a name has, itself first, nearest first.
    public func roles(of name: String) -> [String] { policy.roles(of: name) }

    /// `models` of `models/0192…`; nil for a pattern of everything, or a whole collection.
    private static func collection(ofNamed object: String) -> Substring? {
        let parts = object.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, !parts[1].hasPrefix("{"), parts[1] != "*" else { return nil }
        return parts[0]
    }
}
