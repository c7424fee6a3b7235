import JSON
import Kubernetes

/// The objects of a fake API server, with the rules of a real one by which they come, change and go.
struct ObjectStore {
    struct Key: Hashable, Comparable {
        let kind: String
        let namespace: String
        let name: String

        static func < (left: Self, right: Self) -> Bool {
            (left.kind, left.namespace, left.name) < (right.kind, right.namespace, right.name)
        }
    }

    struct Event {
        let version: Int
        let kind: String
        let namespace: String
        /// `ADDED`, `MODIFIED` or `DELETED`.
        let type: String
        let object: JSONValue
        /// As it was before, for watches of which it is no longer a part.
        let previous: JSONValue?
    }

    private(set) var version = 100
    private(set) var objects: [Key: JSONValue] = [:]
    private(set) var history: [Event] = []
    /// Watches and pages from before this version are refused.
    private(set) var oldestVersion = 0
    private var nextNumber = 0
    /// What each manager applied last.
    private var applied: [Key: [String: JSONValue]] = [:]

    /// Forgets what happened so far, as a server does from time to time.
    mutating func compact() {
        version += 1
        oldestVersion = version
        history = []
    }

    func list(_ kind: String, namespace: String) -> [JSONValue] {
        objects.filter { $0.key.kind == kind && $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    mutating func create(_ key: Key, _ object: JSONValue, apiVersion: String, kind: String, now: String) -> JSONValue {
        nextNumber += 1
        var object = object
        object.set("apiVersion", .string(apiVersion))
        object.set("kind", .string(kind))
        var metadata = object["metadata"] ?? [:]
        metadata.set("name", .string(key.name))
        metadata.set("namespace", .string(key.namespace))
        metadata.set("uid", .string("00000000-0000-4000-8000-\(String(1_000_000_000_00 + nextNumber))"))
        metadata.set("generation", 1)
        metadata.set("creationTimestamp", .string(now))
        object.set("metadata", metadata)
        if key.kind != "pods", key.kind != "events" { object.set("status", nil) }
        return store(key, object, "ADDED")
    }

    /// Puts a changed object in place of the old; one that is the same changes nothing.
    mutating func update(_ key: Key, _ object: JSONValue, isStatus: Bool = false) -> JSONValue {
        guard let old = objects[key] else { return object }
        var object = object
        var metadata = object["metadata"] ?? [:]
        for name in ["uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp"] {
            metadata.set(name, old["metadata"]?[name])
        }
        object.set("metadata", metadata)
        if isStatus {
            let status = object["status"]
            object = old
            object.set("status", status)
        } else {
            object.set("status", old["status"])
        }
        guard !object.isSame(as: old) else { return old }
        if object["spec"]?.sorted != old["spec"]?.sorted {
            metadata.set("generation", .integer((old["metadata"]?["generation"]?.integerValue ?? 1) + 1))
            object.set("metadata", metadata)
        }
        if old["metadata"]?["deletionTimestamp"] != nil, object.finalizers.isEmpty { return remove(key, object) }
        return store(key, object, "MODIFIED")
    }

    /// - Returns: the object if it waits for finalizers, else nil.
    mutating func delete(_ key: Key, foreground: Bool, orphan: Bool, now: String) -> JSONValue? {
        guard var object = objects[key] else { return nil }
        let children = orphan ? [] : dependents(of: object)
        var metadata = object["metadata"] ?? [:]
        if foreground, !children.isEmpty {
            metadata.set("finalizers", .array((object.finalizers + ["foregroundDeletion"]).map { .string($0) }))
            object.set("metadata", metadata)
        }
        guard !object.finalizers.isEmpty else {
            _ = remove(key, object)
            for child in children { _ = delete(child, foreground: false, orphan: false, now: now) }
            return nil
        }
        if metadata["deletionTimestamp"] == nil {
            metadata.set("deletionTimestamp", .string(now))
            object.set("metadata", metadata)
            object = store(key, object, "MODIFIED")
        }
        if foreground { for child in children { _ = delete(child, foreground: true, orphan: false, now: now) } }
        return objects[key].flatMap { _ in object }
    }

    /// Ends what only waits for its own to be gone.
    mutating func collectGarbage() {
        for (key, object) in objects where object.finalizers == ["foregroundDeletion"] {
            if dependents(of: object).isEmpty { _ = remove(key, object) }
        }
    }

    /// The causes for which an apply is refused to `manager`.
    func conflicts(_ key: Key, _ object: JSONValue, manager: String) -> [(owner: String, field: String)] {
        let wanted = object["spec"]?.leaves(at: ".spec") ?? [:]
        return (applied[key] ?? [:]).sorted { $0.key < $1.key }.flatMap { owner, theirs in
            owner == manager
                ? []
                : (theirs["spec"]?.leaves(at: ".spec") ?? [:]).sorted { $0.key < $1.key }.compactMap { field, value in
                    wanted[field].flatMap { $0 == value ? nil : (owner, field) }
                }
        }
    }

    /// The object with the fields of `wanted`, and without those that the manager applied before and no longer does.
    mutating func merged(_ key: Key, _ wanted: JSONValue, manager: String) -> JSONValue {
        let before = applied[key]?[manager]
        applied[key, default: [:]][manager] = wanted
        guard let old = objects[key] else { return wanted }
        return old.without(before ?? .null, kept: wanted).merged(with: wanted, nullRemoves: false)
    }

    private func dependents(of object: JSONValue) -> [Key] {
        let uid = object["metadata"]?["uid"]
        return objects.filter { entry in
            (entry.value["metadata"]?["ownerReferences"]?.arrayValue ?? []).contains { $0["uid"] == uid }
        }.map(\.key)
    }

    private mutating func store(_ key: Key, _ object: JSONValue, _ type: String) -> JSONValue {
        version += 1
        var object = object
        var metadata = object["metadata"] ?? [:]
        metadata.set("resourceVersion", .string(String(version)))
        object.set("metadata", metadata)
        let previous = objects[key]
        objects[key] = object
        history.append(
            Event(
                version: version, kind: key.kind, namespace: key.namespace, type: type, object: object,
                previous: previous))
        return object
    }

    private mutating func remove(_ key: Key, _ object: JSONValue) -> JSONValue {
        let object = store(key, object, "DELETED")
        objects[key] = nil
        applied[key] = nil
        return object
    }
}
