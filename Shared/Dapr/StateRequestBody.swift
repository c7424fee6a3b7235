import JSON

/// Writes operations in the form that daprd's state API reads. Values are JSON text already and go in as they are.
struct StateRequestBody {
    private(set) var bytes: [UInt8] = []

    /// The body of `/transaction`.
    static func transaction(_ operations: [StateOperation]) -> [UInt8] {
        var body = StateRequestBody()
        body.append(#"{"operations":["#)
        for (index, operation) in operations.enumerated() {
            if index > 0 { body.append(",") }
            switch operation {
            case .upsert(let key, let value, let condition, let timeToLive):
                body.append(#"{"operation":"upsert","request":"#)
                body.appendItem(key: key, value: value, condition: condition, timeToLive: timeToLive)
            case .delete(let key, let etag):
                body.append(#"{"operation":"delete","request":"#)
                body.appendItem(key: key, value: nil, condition: etag.map { .etag($0) } ?? .always, timeToLive: nil)
            }
            body.append("}")
        }
        body.append("]}")
        return body.bytes
    }

    /// The body of a save of one item.
    static func save(_ key: String, _ value: [UInt8], _ condition: StateCondition, _ timeToLive: Duration?) -> [UInt8] {
        var body = StateRequestBody()
        body.append("[")
        body.appendItem(key: key, value: value, condition: condition, timeToLive: timeToLive)
        body.append("]")
        return body.bytes
    }

    /// The body of `/bulk`. `parallelism` matters only to stores that cannot read many keys in one query.
    static func bulk(_ keys: [String]) -> [UInt8] {
        JSONWriter.bytes(["keys": .array(keys.map { .string($0) }), "parallelism": 10])
    }

    /// A time to live in the whole seconds that daprd takes, rounded up: "0" would mean for ever.
    static func seconds(_ timeToLive: Duration) -> Int64 {
        let (seconds, attoseconds) = timeToLive.components
        return max(1, attoseconds > 0 ? seconds + 1 : seconds)
    }

    private mutating func appendItem(
        key: String, value: [UInt8]?, condition: StateCondition, timeToLive: Duration?
    ) {
        append(#"{"key":"#)
        append(JSONWriter.text(.string(key)))
        if let value {
            append(#","value":"#)
            bytes.append(contentsOf: value)
        }
        switch condition {
        case .always: break
        case .insertOnly: append(#","options":{"concurrency":"first-write"}"#)
        case .etag(let etag):
            append(#","etag":"#)
            append(JSONWriter.text(.string(etag)))
            append(#","options":{"concurrency":"first-write"}"#)
        }
        if let timeToLive {
            append(#","metadata":{"ttlInSeconds":"\#(Self.seconds(timeToLive))"}"#)
        }
        append("}")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
