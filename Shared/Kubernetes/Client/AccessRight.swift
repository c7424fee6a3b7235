/// Something that an account may do in the client's namespace.
public struct AccessRight: Hashable, Sendable, CustomStringConvertible {
    /// `get`, `list`, `watch`, `create`, `patch`, `delete`.
    public let verb: String
    public let kind: KubernetesKind
    /// `log`, `status`; nil for the object itself.
    public let part: String?

    public init(_ verb: String, _ kind: KubernetesKind, part: String? = nil) {
        self.verb = verb
        self.kind = kind
        self.part = part
    }

    /// `patch deployments.apps`, `get pods/log`.
    public var description: String {
        let plural = part.map { "\(kind.plural)/\($0)" } ?? kind.plural
        return "\(verb) \(plural)\(kind.group.isEmpty ? "" : ".\(kind.group)")"
    }
}
