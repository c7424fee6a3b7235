import Domain
import JSON

/// An object as the API server gives it.
public struct KubernetesObject: Hashable, Sendable {
    public let value: JSONValue

    public init(_ value: JSONValue) { self.value = value }

    public subscript(name: String) -> JSONValue? { value[name] }

    public var name: String { metadata("name") ?? "" }
    public var namespace: String { metadata("namespace") ?? "" }
    public var uid: String { metadata("uid") ?? "" }
    /// Opaque: only whether two are the same means something.
    public var resourceVersion: String { metadata("resourceVersion") ?? "" }
    /// Counts the changes of the wish; 0 for kinds that have none.
    public var generation: Int64 { value["metadata"]?["generation"]?.integerValue ?? 0 }
    public var createdAt: Timestamp? { metadata("creationTimestamp").flatMap(Timestamp.init) }
    /// It was deleted, and is still there because of somebody's finalizer.
    public var isTerminating: Bool { metadata("deletionTimestamp") != nil }

    public func label(_ name: String) -> String? { value["metadata"]?["labels"]?[name]?.stringValue }

    public func annotation(_ name: String) -> String? { value["metadata"]?["annotations"]?[name]?.stringValue }

    public var spec: JSONValue? { value["spec"] }
    public var status: JSONValue? { value["status"] }

    /// The condition of `status.conditions` with this type.
    public func condition(_ type: String) -> KubernetesCondition? {
        let conditions = status?["conditions"]?.arrayValue ?? []
        return conditions.first { $0["type"]?.stringValue == type }.flatMap(KubernetesCondition.init)
    }

    private func metadata(_ name: String) -> String? { value["metadata"]?[name]?.stringValue }
}

/// One of `status.conditions`.
public struct KubernetesCondition: Hashable, Sendable {
    public let type: String
    /// `True`, `False` or `Unknown`.
    public let status: String
    public let reason: String
    public let message: String

    public init?(_ value: JSONValue) {
        guard let type = value["type"]?.stringValue, let status = value["status"]?.stringValue else { return nil }
        self.type = type
        self.status = status
        reason = value["reason"]?.stringValue ?? ""
        message = value["message"]?.stringValue ?? ""
    }

    public var isTrue: Bool { status == "True" }
    public var isFalse: Bool { status == "False" }
}
