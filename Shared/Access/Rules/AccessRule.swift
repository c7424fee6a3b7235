import Domain

/// One thing that is said about who may do what: by the policy file, or by somebody through the API.
public struct AccessRule: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case policy(PolicyEntry)
        case role(RoleEntry)
        case binding(RoleBindingEntry)
        case apiKey(APIKeyEntry)
    }

    /// Who says so.
    public enum Source: String, Hashable, Sendable {
        /// The policy file, which every process reads at its start: the API shows it and cannot change it.
        case file
        case store
    }

    /// A UUID; of the file's rules `file-12`, which is the line.
    public let id: String
    public let content: Content
    public let source: Source
    /// Nil for the file's rules, as is who made it.
    public let createdAt: Timestamp?
    public let createdBy: String?

    public init(_ content: Content, id: UUIDv7, createdAt: Timestamp, createdBy: String) {
        self.id = id.description
        self.content = content
        source = .store
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    /// A rule of the policy file.
    init(_ content: Content, line: Int) {
        self.init(content, id: "file-\(line)")
    }

    private init(_ content: Content, id: String) {
        self.id = id
        self.content = content
        source = .file
        createdAt = nil
        createdBy = nil
    }

    /// The role that a line of the file speaks of.
    func asRole(_ name: EntityName) -> AccessRule {
        AccessRule(.role(RoleEntry(name: name, description: "")), id: id)
    }
}

/// Whether a subject may do something, or may not.
public struct PolicyEntry: Hashable, Sendable {
    public enum Effect: String, Hashable, Sendable, CaseIterable { case allow, deny }

    /// In full: `alice`, `group:research`, `app:model-serving`, `role:model-reader`.
    public let subject: String
    /// A thing such as `models/0192…`, or a pattern such as `models/*`; `*` is every thing.
    public let object: String
    /// `model:get`, or with `*` behind it: `model:*`.
    public let action: String
    public let effect: Effect

    public init(subject: String, object: String, action: String, effect: Effect = .allow) {
        self.subject = subject
        self.object = object
        self.action = action
        self.effect = effect
    }
}

/// A name for what several may do.
public struct RoleEntry: Hashable, Sendable {
    /// Without the prefix `role:`, which it has in policies and bindings.
    public let name: EntityName
    public let description: String

    public init(name: EntityName, description: String) {
        self.name = name
        self.description = description
    }

    /// As policies and bindings name it.
    public var subject: String { Self.subject(name.description) }

    static func subject(_ name: String) -> String { "role:" + name }
}

/// That somebody may what a role may.
public struct RoleBindingEntry: Hashable, Sendable {
    /// In full; another role inherits.
    public let subject: String
    /// In full: `role:model-reader`.
    public let role: String

    public init(subject: String, role: String) {
        self.subject = subject
        self.role = role
    }
}

/// An API key. The key itself is kept nowhere.
public struct APIKeyEntry: Hashable, Sendable {
    /// What it is for, in its owner's words.
    public let name: String
    /// Who makes a request with it.
    public let owner: String
    /// SHA-256 of the key, in lower-case hexadecimal digits.
    public let digest: String
    /// Nil if it never does.
    public let expiresAt: Timestamp?

    public init(name: String, owner: String, digest: String, expiresAt: Timestamp? = nil) {
        self.name = name
        self.owner = owner
        self.digest = digest
        self.expiresAt = expiresAt
    }
}
