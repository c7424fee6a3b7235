/// One item of a save or a transaction, as daprd reads it.
struct StateItem {
    let key: String
    let value: GoValue
    let etag: String?
    let concurrency: String
    let consistency: String
    let metadata: [String: String]

    /// - Parameter type: Go's name of the struct, for its messages.
    init(_ item: GoValue, type: String) throws(GoJSONError) {
        switch item {
        case .object, .null: break
        case .bool, .number, .string, .array: throw item.mismatch("", "state.\(type)")
        }
        key = try item["key"].string("\(type).key") ?? ""
        value = item["value"]
        etag = try item["etag"].string("\(type).etag").flatMap { $0.isEmpty ? nil : $0 }
        concurrency = try item["options"]["concurrency"].string("\(type).options.concurrency") ?? ""
        consistency = try item["options"]["consistency"].string("\(type).options.consistency") ?? ""
        metadata = try item["metadata"].strings("\(type).metadata")
    }

    /// The write of it under the store's own key.
    /// - Throws: in daprd's words, if the options or the time to live are not understood.
    func upsert(_ prefix: KeyPrefix, queryMetadata: [String: String] = [:]) throws(StateFailure) -> StateWrite {
        try checkOptions()
        let timeToLive = try Self.timeToLive(metadata["ttlInSeconds"] ?? queryMetadata["ttlInSeconds"])
        let condition: WriteCondition =
            if let etag { .etag(etag) } else if concurrency == "first-write" { .insertOnly } else { .always }
        return .upsert(
            key: prefix.stored(key), value: GoJSONEncoder.encode(value), condition: condition,
            timeToLiveSeconds: timeToLive)
    }

    func delete(_ prefix: KeyPrefix) throws(StateFailure) -> StateWrite {
        try checkOptions()
        return .delete(key: prefix.stored(key), etag: etag)
    }

    private func checkOptions() throws(StateFailure) {
        try Self.checkOptions(concurrency: concurrency, consistency: consistency)
    }

    static func checkOptions(concurrency: String, consistency: String) throws(StateFailure) {
        guard ["", "first-write", "last-write"].contains(concurrency) else {
            throw .outage("unrecognized concurrency model '\(concurrency)'")
        }
        guard ["", "strong", "eventual"].contains(consistency) else {
            throw .outage("unrecognized consistency model '\(consistency)'")
        }
    }

    /// Nil is for ever; so are "0" and "-1".
    static func timeToLive(_ text: String?) throws(StateFailure) -> Int64? {
        guard let text, !text.isEmpty else { return nil }
        let start = "error parsing TTL: incorrect value for metadata 'ttlInSeconds': "
        guard let seconds = Int64(text) else {
            throw .outage(start + "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        guard seconds >= -1 else { throw .outage(start + "must be -1 or greater") }
        guard seconds <= Int64(Int32.max) else { throw .outage(start + "value is too large") }
        return seconds > 0 ? seconds : nil
    }
}
