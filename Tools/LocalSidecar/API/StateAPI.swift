import Domain
import HTTP
import JSON

/// The state API of one app: `/v1.0/state/{store}`.
struct StateAPI: Sendable {
    let appID: String
    let stores: [String: StateStoreComponent]
    let maximumBodyBytes: Int

    /// - Parameter rest: the decoded segments behind `state`; the first is the store.
    func respond(to request: HTTPRequest, _ rest: ArraySlice<String>) async throws(SidecarError) -> HTTPResponse {
        guard let name = rest.first, rest.count <= 2 else { throw .unknownRoute }
        let isWrite = request.method == .post || request.method == .put
        switch (request.method, rest.dropFirst().first) {
        case (_, nil) where isWrite: return try await save(request, try store(name))
        case (_, "bulk") where isWrite: return try await bulk(request, try store(name))
        case (_, "transaction") where isWrite: return try await transact(request, try store(name))
        case (.get, let key?): return try await get(key, try store(name))
        case (.delete, let key?): return try await delete(request, key, try store(name))
        default: throw .unknownRoute
        }
    }

    /// The query API exists for one store that is not here.
    func refuseQuery(_ name: String) throws(SidecarError) -> HTTPResponse {
        guard stores[name] != nil else { throw .storeNotFound(name, appID: nil) }
        throw .queryNotSupported(name)
    }

    private struct Store {
        let name: String
        let prefix: KeyPrefix
        let backend: any StateBackend
    }

    private func store(_ name: String) throws(SidecarError) -> Store {
        guard let component = stores[name] else { throw .storeNotFound(name, appID: appID) }
        guard let backend = component.backend else { throw .storeNotConfigured(name, appID: appID) }
        return Store(name: name, prefix: component.prefix, backend: backend)
    }

    // MARK: Reading

    private func get(_ key: String, _ store: Store) async throws(SidecarError) -> HTTPResponse {
        try refuseIllegal(key, store)
        let stored = store.prefix.stored(key)
        let found: [String: StoredValue]
        do throws(StateFailure) {
            found = try await store.backend.get([stored])
        } catch {
            throw SidecarError(
                .internalServerError, "ERR_STATE_GET",
                "fail to get \(key) from state store \(store.name): \(error.message)")
        }
        guard let value = found[stored] else { return HTTPResponse(.noContent) }
        var fields: HTTPFields = ["Content-Type": "application/json", "Etag": value.etag]
        if let expiry = value.expiry { fields.append("Metadata.ttlexpiretime", Self.seconds(expiry)) }
        return HTTPResponse(.ok, fields: fields, body: .bytes(value.value))
    }

    private func bulk(_ request: HTTPRequest, _ store: Store) async throws(SidecarError) -> HTTPResponse {
        let keys: [String]
        do throws(GoJSONError) {
            let document = try GoJSONParser.parse(try await body(request))
            guard case .object = document else { throw document.mismatch("", "http.BulkGetRequest") }
            keys = try strings(try document["keys"].array("BulkGetRequest.keys", of: "[]string"))
        } catch {
            throw error.asSidecarError { .malformed("failed deserializing HTTP body: \($0)") }
        }
        for key in keys { try refuseIllegal(key, store) }
        let found: [String: StoredValue]
        do throws(StateFailure) {
            found = try await store.backend.get(keys.map(store.prefix.stored))
        } catch {
            throw SidecarError(.internalServerError, "ERR_STATE_BULK_GET", error.message)
        }
        var seen: Set<String> = []
        var body: [UInt8] = Array("[".utf8)
        for (index, key) in keys.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            // A repeated key comes back without its name, as from PostgreSQL.
            let isFirst = seen.insert(key).inserted
            Self.append(isFirst ? key : "", isFirst ? found[store.prefix.stored(key)] : nil, to: &body)
        }
        body.append(contentsOf: "]\n".utf8)
        return HTTPResponse(.ok, fields: ["Content-Type": "application/json"], body: .bytes(body))
    }

    private static func append(_ key: String, _ value: StoredValue?, to body: inout [UInt8]) {
        body.append(contentsOf: #"{"key":"#.utf8)
        body.append(contentsOf: GoJSONEncoder.encode(.string(key)))
        if let value {
            body.append(contentsOf: #","data":"#.utf8)
            body.append(contentsOf: value.value)
            body.append(contentsOf: #","etag":"\#(value.etag)""#.utf8)
            if let expiry = value.expiry {
                body.append(contentsOf: #","metadata":{"ttlExpireTime":"\#(seconds(expiry))"}"#.utf8)
            }
        }
        body.append(UInt8(ascii: "}"))
    }

    /// Without the fraction, as Go writes it.
    private static func seconds(_ time: Timestamp) -> String { "\(time.description.prefix(19))Z" }

    // MARK: Writing

    private func save(_ request: HTTPRequest, _ store: Store) async throws(SidecarError) -> HTTPResponse {
        var items: [StateItem] = []
        do throws(GoJSONError) {
            let document = try GoJSONParser.parse(try await body(request))
            for item in try document.array("", of: "[]state.SetRequest") {
                items.append(try StateItem(item, type: "SetRequest"))
            }
        } catch {
            throw error.asSidecarError { .malformed($0) }
        }
        for item in items {
            guard !item.key.isEmpty else { throw .malformed("\"key\" is a required field") }
            try refuseIllegal(item.key, store)
        }
        // Each item is a write of its own: one that fails does not keep the others from being written.
        var failure: StateFailure?
        for item in items {
            do throws(StateFailure) {
                let write = try item.upsert(store.prefix, queryMetadata: request.queryMetadata)
                try await store.backend.transact([write])
            } catch {
                failure = failure ?? error
            }
        }
        guard let failure else { return HTTPResponse(.noContent) }
        let start = "failed saving state in state store \(store.name): "
        guard case .etagMismatch = failure else {
            throw SidecarError(.internalServerError, "ERR_STATE_SAVE", start + failure.message)
        }
        let again = items.count > 1 ? StateFailure.etagMismatch(detail: nil).message + ": " : ""
        throw SidecarError(.conflict, "ERR_STATE_SAVE", start + again + failure.message)
    }

    private func delete(_ request: HTTPRequest, _ key: String, _ store: Store) async throws(SidecarError)
        -> HTTPResponse
    {
        try refuseIllegal(key, store)
        do throws(StateFailure) {
            try StateItem.checkOptions(
                concurrency: request.parameter("concurrency") ?? "",
                consistency: request.parameter("consistency") ?? "")
            let etag = request.fields["If-Match"].flatMap { $0.isEmpty ? nil : $0 }
            try await store.backend.transact([.delete(key: store.prefix.stored(key), etag: etag)])
        } catch {
            var status = HTTPStatus.internalServerError
            if case .etagMismatch = error { status = .conflict }
            throw SidecarError(status, "ERR_STATE_DELETE", "failed deleting state with key \(key): \(error.message)")
        }
        return HTTPResponse(.noContent)
    }

    private func transact(_ request: HTTPRequest, _ store: Store) async throws(SidecarError) -> HTTPResponse {
        var operations: [(type: String, item: StateItem)] = []
        do throws(GoJSONError) {
            let document = try GoJSONParser.parse(try await body(request))
            guard case .object = document else { throw document.mismatch("", "state.TransactionalStateRequest") }
            for operation in try document["operations"].array("operations", of: "[]state.TransactionalStateOperation") {
                operations.append(
                    (
                        try operation["operation"].string("operation") ?? "",
                        try StateItem(operation["request"], type: "SetRequest")
                    ))
            }
        } catch {
            throw error.asSidecarError { .malformed("failed deserializing HTTP body: \($0)") }
        }
        for (type, item) in operations {
            guard type == "upsert" || type == "delete" else {
                throw SidecarError(
                    .badRequest, "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type \(type) not supported")
            }
            guard !item.key.isEmpty else { throw .malformed("\"key\" is a required field") }
            try refuseIllegal(item.key, store, namesField: false)
        }
        do throws(StateFailure) {
            var writes: [StateWrite] = []
            for (type, item) in operations {
                writes.append(type == "upsert" ? try item.upsert(store.prefix) : try item.delete(store.prefix))
            }
            if !writes.isEmpty { try await store.backend.transact(writes) }
        } catch {
            throw SidecarError(
                .internalServerError, "ERR_STATE_TRANSACTION",
                "error while executing state transaction: \(error.message)")
        }
        return HTTPResponse(.noContent)
    }

    // MARK: What all have in common

    private func refuseIllegal(_ key: String, _ store: Store, namesField: Bool = true) throws(SidecarError) {
        guard !key.contains(KeyPrefix.separator) else {
            throw .illegalKey(key, store: store.name, namesField: namesField)
        }
    }

    private func strings(_ values: [GoValue]) throws(GoJSONError) -> [String] {
        var strings: [String] = []
        for value in values { strings.append(try value.string("BulkGetRequest.keys") ?? "") }
        return strings
    }

    private func body(_ request: HTTPRequest) async throws(GoJSONError) -> [UInt8] {
        do {
            return try await request.body.collect(limitBytes: maximumBodyBytes)
        } catch HTTPBodyError.tooLarge {
            throw .tooLarge
        } catch {
            throw GoJSONError(message: "unexpected EOF")
        }
    }
}

extension GoJSONError {
    /// What Go's reader reports when a body exceeds `--max-body-size`.
    fileprivate static let tooLarge = GoJSONError(message: "stream too large")

    fileprivate func asSidecarError(_ make: (String) -> SidecarError) -> SidecarError {
        self == .tooLarge ? .bodyTooLarge : make(message)
    }
}
