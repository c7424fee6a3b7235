import HTTP
import JSON

extension KubernetesClient {
    public func get(_ kind: KubernetesKind, _ name: String) async throws(KubernetesError) -> KubernetesObject {
        KubernetesObject(try await call(.get, kind.path(namespace: namespace, name: name)).document)
    }

    /// The object, or nil if there is none of this name. Any other reason for not having it is thrown.
    public func find(_ kind: KubernetesKind, _ name: String) async throws(KubernetesError) -> KubernetesObject? {
        do throws(KubernetesError) {
            return try await get(kind, name)
        } catch .notFound {
            return nil
        }
    }

    /// - Throws: `alreadyExists`, if one of this name is there.
    public func create(_ kind: KubernetesKind, _ object: JSONValue) async throws(KubernetesError) -> KubernetesObject {
        let answer = try await call(.post, kind.path(namespace: namespace), [Self.manager], body: object)
        return KubernetesObject(answer.document)
    }

    /// Makes the object have these fields, as their owner; what is not named stays as it is, and what was named before
    /// and no longer is goes. Idempotent. Needs the rights to patch and to create.
    /// - Parameter force: takes fields over that others own.
    public func apply(
        _ kind: KubernetesKind, name: String, _ object: JSONValue, force: Bool = true
    ) async throws(KubernetesError) -> KubernetesObject {
        let answer = try await call(
            .patch, kind.path(namespace: namespace, name: name), [Self.manager, ("force", force ? "true" : "false")],
            body: object, contentType: Self.applyContentType)
        return KubernetesObject(answer.document)
    }

    /// Changes the fields that are named; null removes one. With a `metadata.resourceVersion` in it only that version
    /// is changed, else `conflict` is thrown.
    public func merge(
        _ kind: KubernetesKind, name: String, part: String? = nil, _ patch: JSONValue
    ) async throws(KubernetesError) -> KubernetesObject {
        let answer = try await call(
            .patch, kind.path(namespace: namespace, name: name, part: part), [Self.manager], body: patch,
            contentType: "application/merge-patch+json")
        return KubernetesObject(answer.document)
    }

    /// What becomes of objects that belong to one that is deleted.
    public enum Propagation: String, Sendable {
        /// They are deleted afterwards.
        case background = "Background"
        /// They are deleted first.
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    /// What a deletion has come to.
    public enum Deletion: Hashable, Sendable {
        case gone
        /// It waits for its finalizers, or for those that belong to it.
        case terminating(KubernetesObject)
    }

    /// Deletes the object. Idempotent: one that is not there is gone.
    /// - Parameter uid: only an object with this `uid` is deleted, and `conflict` thrown for another of its name.
    public func delete(
        _ kind: KubernetesKind, name: String, uid: String? = nil, propagation: Propagation = .background
    ) async throws(KubernetesError) -> Deletion {
        var options: [(String, JSONValue)] = [
            ("kind", "DeleteOptions"), ("apiVersion", "v1"), ("propagationPolicy", .string(propagation.rawValue)),
        ]
        if let uid { options.append(("preconditions", ["uid": .string(uid)])) }
        do throws(KubernetesError) {
            let answer = try await call(
                .delete, kind.path(namespace: namespace, name: name), body: .object(JSONObject(options)))
            let isStatus = answer.document["kind"]?.stringValue == "Status"
            return isStatus ? .gone : .terminating(KubernetesObject(answer.document))
        } catch .notFound {
            return .gone
        }
    }

    private static var manager: (String, String) { ("fieldManager", fieldManager) }
}
