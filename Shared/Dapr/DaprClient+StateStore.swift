import HTTP
import JSON

extension DaprClient: StateStore {
    public func get(_ key: String) async throws(DaprError) -> StateEntry? {
        let request = HTTPRequest(.get, try path(to: key))
        let answer = try await call(request, within: deadlines.state).orThrow()
        guard answer.status == .ok else { return nil }
        guard let etag = answer.fields["Etag"] else {
            throw .unexpected(status: answer.status.code, message: "a state entry came without an ETag")
        }
        return StateEntry(value: answer.body, etag: etag)
    }

    public func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        guard !keys.isEmpty else { return [:] }
        guard keys.count <= StateLimits.maximumKeys else {
            throw .rejected(code: "TOO_MANY_KEYS", message: "\(keys.count) keys; at most \(StateLimits.maximumKeys)")
        }
        let request = post("\(statePath)/bulk", StateRequestBody.bulk(keys))
        let answer = try await call(request, within: deadlines.bulk).orThrow()
        // Most of it is handed on as it is, so that it is not read here.
        guard let items = try? JSONSplitter.objects(in: answer.body) else {
            throw .unexpected(status: answer.status.code, message: "the answer to a bulk get is not a JSON array")
        }
        var entries: [String: StateEntry] = [:]
        for members in items {
            if let message = members.string("error"), !message.isEmpty {
                throw .storeUnavailable(String(message.prefix(SidecarFailure.maximumMessageLength)))
            }
            guard let key = members.string("key"), let etag = members.string("etag"),
                let data = members.first(where: { $0.name == "data" })
            else { continue }
            entries[key] = StateEntry(value: Array(data.text), etag: etag)
        }
        return entries
    }

    public func transact(_ operations: [StateOperation]) async throws(DaprError) {
        guard !operations.isEmpty else { return }
        guard operations.count <= StateLimits.maximumOperations else {
            throw .rejected(
                code: "TOO_MANY_OPERATIONS",
                message: "\(operations.count) operations; at most \(StateLimits.maximumOperations)")
        }
        for operation in operations {
            switch operation {
            case .upsert(_, _, let condition, _): try refuseEmptyETag(condition)
            case .delete(_, let etag): try refuseEmptyETag(etag.map { .etag($0) } ?? .always)
            }
        }
        let request = post("\(statePath)/transaction", StateRequestBody.transaction(operations))
        _ = try await call(request, within: deadlines.state).orThrow()
    }

    /// Writes one entry. `transact` does the same, and more; this is the shorter call.
    /// - Throws: `.conflict` if the condition does not hold.
    public func save(
        _ key: String, _ value: [UInt8], _ condition: StateCondition = .always, timeToLive: Duration? = nil
    ) async throws(DaprError) {
        try refuseEmptyETag(condition)
        let request = post(statePath, StateRequestBody.save(key, value, condition, timeToLive))
        _ = try await call(request, within: deadlines.state).orThrow()
    }

    /// Deleting an absent key without an ETag succeeds.
    /// - Throws: `.conflict` if the entry has another ETag, or is absent.
    public func delete(_ key: String, etag: String? = nil) async throws(DaprError) {
        try refuseEmptyETag(etag.map { .etag($0) } ?? .always)
        var request = HTTPRequest(.delete, try path(to: key))
        if let etag { request.fields.append("If-Match", etag) }
        _ = try await call(request, within: deadlines.state).orThrow()
    }

    private var statePath: String { "/v1.0/state/\(PercentEncoding.encode(stateStoreName))" }

    /// Encoded once: daprd decodes once, and cleans dot segments away before.
    private func path(to key: String) throws(DaprError) -> String {
        guard !key.isEmpty, key != ".", key != ".." else {
            throw .rejected(code: "UNREADABLE_KEY", message: "a key that is empty or dots cannot be in a path")
        }
        return "\(statePath)/\(PercentEncoding.encode(key))"
    }

    /// Daprd reads an empty ETag as none, which would make the write unconditional.
    private func refuseEmptyETag(_ condition: StateCondition) throws(DaprError) {
        if condition == .etag("") { throw .conflict }
    }

    private func post(_ target: String, _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(.post, target, fields: ["Content-Type": "application/json"], body: .bytes(body))
    }
}

extension [JSONSplitter.Member] {
    /// The member's value if it is a string.
    fileprivate func string(_ name: String) -> String? {
        guard let member = first(where: { $0.name == name }) else { return nil }
        return (try? JSONParser.parse([UInt8](member.text)))?.stringValue
    }
}
