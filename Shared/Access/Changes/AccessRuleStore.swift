import Domain

/// Where rules are kept that are made through the API. Everyone who decides reads the same ones.
public protocol AccessRuleStore: Sendable {
    /// Another one after every change; 0 if there never was any.
    func version() async throws(ServiceError) -> Int64

    func read() async throws(ServiceError) -> StoredRules

    /// Changes the rules, all of it or nothing. `decide` sees the rules as they are, and is asked again if somebody
    /// else changes them meanwhile.
    /// - Returns: the answer of `decide`, or the first one if a request with the key was carried out before.
    func change(
        once key: IdempotencyKey?, _ decide: (StoredRules) throws(ServiceError) -> AccessRuleChange
    ) async throws(ServiceError) -> String
}

/// All the rules of a store at one time.
public struct StoredRules: Hashable, Sendable {
    public let version: Int64
    /// In the order in which they were made.
    public let rules: [AccessRule]

    public init(version: Int64 = 0, rules: [AccessRule] = []) {
        self.version = version
        self.rules = rules.sorted { $0.id < $1.id }
    }

    /// What is there after a change.
    public func applying(_ change: AccessRuleChange) -> StoredRules {
        StoredRules(version: version + 1, rules: rules.filter { !change.removed.contains($0.id) } + change.added)
    }
}

/// What is to be added and removed together.
public struct AccessRuleChange: Sendable {
    public var added: [AccessRule]
    /// Ids of stored rules.
    public var removed: Set<String>
    /// For the caller: the id or the name of what was made.
    public var answer: String

    public init(adding added: [AccessRule] = [], removing removed: Set<String> = [], answer: String = "") {
        self.added = added
        self.removed = removed
        self.answer = answer
    }

    public var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}
