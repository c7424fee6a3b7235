import HTTP
import JSON
import Kubernetes

extension FakeAPIServer {
    func create(_ wanted: APIRequest, _ document: JSONValue) -> HTTPResponse {
        let name = document.text(at: "metadata.name") ?? ""
        if let problem = NameRules.problem(in: document, name: name) { return Self.invalid(wanted, name, problem) }
        let key = ObjectStore.Key(kind: wanted.kind.plural, namespace: wanted.namespace, name: name)
        return change { state in
            guard state.store.objects[key] == nil else {
                return Self.status(.conflict, "AlreadyExists", "\(wanted.kind) \"\(name)\" already exists")
            }
            let object = state.store.create(
                key, document, apiVersion: wanted.kind.apiVersion, kind: wanted.kind.name, now: Self.now())
            return Self.json(.created, object)
        }
    }

    func patch(_ wanted: APIRequest, _ document: JSONValue, contentType: String) -> HTTPResponse {
        if contentType == "application/apply-patch+yaml" { return apply(wanted, document) }
        return change { state in
            guard let old = state.store.objects[wanted.key] else { return Self.missing(wanted) }
            if let version = document["metadata"]?["resourceVersion"], version != old["metadata"]?["resourceVersion"] {
                return Self.status(
                    .conflict, "Conflict",
                    "the object has been modified; please apply your changes to the latest version")
            }
            let merged = old.merged(with: document, nullRemoves: true)
            return Self.json(.ok, state.store.update(wanted.key, merged, isStatus: wanted.part == "status"))
        }
    }

    private func apply(_ wanted: APIRequest, _ document: JSONValue) -> HTTPResponse {
        guard let manager = wanted.parameters["fieldManager"], let name = wanted.name else {
            return Self.status(.unprocessableContent, "Invalid", "fieldManager is required for apply patch")
        }
        if document["metadata"]?["managedFields"] != nil {
            return Self.status(.badRequest, "BadRequest", "metadata.managedFields must be nil")
        }
        if document["status"] != nil || document["apiVersion"]?.stringValue != wanted.kind.apiVersion {
            return Self.status(.badRequest, "BadRequest", "the object does not fit its URL")
        }
        if let problem = NameRules.problem(in: document, name: name) { return Self.invalid(wanted, name, problem) }
        return change { state in
            let conflicts = state.store.conflicts(wanted.key, document, manager: manager)
            if wanted.parameters["force"] != "true", !conflicts.isEmpty { return Self.owned(conflicts) }
            let isNew = state.store.objects[wanted.key] == nil
            if isNew, state.behaviour.denied.contains(AccessRight("create", wanted.kind).description) {
                return Self.status(.forbidden, "Forbidden", "\(wanted.kind) \"\(name)\" is forbidden: cannot create")
            }
            let merged = state.store.merged(wanted.key, document, manager: manager)
            if isNew {
                let object = state.store.create(
                    wanted.key, merged, apiVersion: wanted.kind.apiVersion, kind: wanted.kind.name, now: Self.now())
                return Self.json(.created, object)
            }
            return Self.json(.ok, state.store.update(wanted.key, merged))
        }
    }

    func delete(_ wanted: APIRequest, _ options: JSONValue) -> HTTPResponse {
        let policy = options["propagationPolicy"]?.stringValue ?? wanted.parameters["propagationPolicy"] ?? "Background"
        guard ["Foreground", "Background", "Orphan"].contains(policy) else {
            return Self.status(.unprocessableContent, "Invalid", "propagationPolicy: Unsupported value")
        }
        return change { state in
            guard let object = state.store.objects[wanted.key] else { return Self.missing(wanted) }
            if let uid = options["preconditions"]?["uid"], uid != object["metadata"]?["uid"] {
                return Self.status(.conflict, "Conflict", "the UID in the precondition does not match")
            }
            let left = state.store.delete(
                wanted.key, foreground: policy == "Foreground", orphan: policy == "Orphan", now: Self.now())
            if let left { return Self.json(.ok, left) }
            return Self.json(
                .ok,
                [
                    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                    "details": ["name": .string(wanted.name ?? ""), "uid": object["metadata"]?["uid"] ?? .null],
                ])
        }
    }

    func deleteCollection(_ wanted: APIRequest) -> HTTPResponse {
        change { state in
            for object in state.store.list(wanted.kind.plural, namespace: wanted.namespace)
            where object.matches(labels: wanted.labels, fields: wanted.fields) {
                let name = object.text(at: "metadata.name") ?? ""
                let key = ObjectStore.Key(kind: wanted.kind.plural, namespace: wanted.namespace, name: name)
                _ = state.store.delete(key, foreground: false, orphan: false, now: Self.now())
            }
            return Self.json(.ok, ["kind": .string("\(wanted.kind.name)List"), "items": []])
        }
    }

    static func json(_ status: HTTPStatus, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status, fields: ["Content-Type": "application/json"], body: .bytes(JSONWriter.bytes(value)))
    }

    static func missing(_ wanted: APIRequest) -> HTTPResponse {
        let name = wanted.name ?? ""
        return status(
            .notFound, "NotFound", "\(wanted.kind) \"\(name)\" not found",
            details: [
                "name": .string(name), "group": .string(wanted.kind.group), "kind": .string(wanted.kind.plural),
            ])
    }

    private static func owned(_ conflicts: [(owner: String, field: String)]) -> HTTPResponse {
        let causes = conflicts.map { conflict -> JSONValue in
            [
                "reason": "FieldManagerConflict", "message": .string("conflict with \"\(conflict.owner)\""),
                "field": .string(conflict.field),
            ]
        }
        return status(
            .conflict, "Conflict", "Apply failed with \(conflicts.count) conflicts", details: ["causes": .array(causes)]
        )
    }

    private static func invalid(_ wanted: APIRequest, _ name: String, _ problem: (field: String, message: String))
        -> HTTPResponse
    {
        status(
            .unprocessableContent, "Invalid", "\(wanted.kind.name) \"\(name)\" is invalid: \(problem.message)",
            details: [
                "name": .string(name),
                "causes": [
                    [
                        "reason": "FieldValueInvalid", "field": .string(problem.field),
                        "message": .string(problem.message),
                    ]
                ],
            ])
    }

    package static func status(
        _ status: HTTPStatus, _ reason: String, _ message: String, details: JSONValue? = nil
    ) -> HTTPResponse {
        json(status, statusObject(status.code, reason, message, details: details))
    }

    static func statusObject(_ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil) -> JSONValue {
        [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason), "details": details ?? [:], "code": .integer(Int64(code)),
        ]
    }
}
