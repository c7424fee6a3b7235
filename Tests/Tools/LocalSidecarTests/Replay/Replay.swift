import HTTP
import JSON
import TestSupport

@testable import LocalSidecar

/// Sends recorded requests and compares what comes back with what came back from daprd.
struct Replay {
    /// What daprd answers only with state.postgresql v1 behind it, and why SQLite, like v2, does not.
    static let onlyInVersion1 = [
        "state.save.etag.garbage": "v1's ETags are numbers, so that another text is refused as malformed",
        "state.del.if-match.garbage": "as above", "state.del.if-match.quoted": "as above",
        "state.del.if-match.star": "as above", "tx.etag.garbage": "as above",
        "state.save.nulvalue": "v1 stores jsonb, which cannot hold a NUL",
    ]

    private let responder: any HTTPResponder
    /// ETags of this run by the key they belong to and the ETag of the recording.
    private var etags: [String: String] = [:]
    private(set) var differences: [String] = []
    private(set) var count = 0

    init(_ responder: any HTTPResponder) { self.responder = responder }

    mutating func send(_ exchange: RecordedExchange) async throws {
        count += 1
        var request = exchange.request
        request.peer = "127.0.0.1:40000"
        request.fields.append("Host", "127.0.0.1:3501")
        adapt(&request, exchange)
        let response = await responder.respond(to: request)
        let body = try await response.body.collect(limitBytes: 64 << 20)
        remember(exchange, response)
        for difference in compare(exchange, response, String(decoding: body, as: UTF8.self)) {
            differences.append("\(exchange.name): \(difference)")
        }
    }

    // MARK: Requests

    private mutating func adapt(_ request: inout HTTPRequest, _ exchange: RecordedExchange) {
        if let text = request.fields["X-Big"], let length = Self.length(text) {
            request.fields.set("X-Big", String(repeating: "h", count: length))
        }
        if let length = Self.length(exchange.requestBody) {
            let text = String(repeating: "x", count: length)
            request.body = HTTPBody(exchange.name.hasPrefix("state.") ? #"[{"key":"big","value":"\#(text)"}]"# : text)
        }
        let path = request.path.split(separator: "/")
        if let etag = request.fields["If-Match"], path.count == 4, let here = etags["\(path[2])/\(path[3])/\(etag)"] {
            request.fields.set("If-Match", here)
        }
        guard path.count > 2, path[1] == "state", let document = try? JSONParser.parse(exchange.requestBody) else {
            return
        }
        let adapted = translated(document, store: String(path[2]))
        if adapted != document { request.body = .bytes(JSONWriter.bytes(adapted)) }
    }

    private func translated(_ value: JSONValue, store: String) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { translated($0, store: store) })
        case .object(var object):
            if let key = object["key"]?.stringValue, let etag = object["etag"]?.stringValue,
                let here = etags["\(store)/\(key)/\(etag)"]
            {
                object["etag"] = .string(here)
            }
            return .object(
                JSONObject(object.members.map { name, value in (name, translated(value, store: store)) }))
        case .null, .bool, .integer, .number, .string: return value
        }
    }

    private mutating func remember(_ exchange: RecordedExchange, _ response: HTTPResponse) {
        let path = exchange.target.prefix { $0 != "?" }.split(separator: "/")
        guard path.count == 4, path[1] == "state", let there = exchange.responseFields["Etag"],
            let here = response.fields["Etag"]
        else { return }
        etags["\(path[2])/\(path[3])/\(there)"] = here
    }

    /// `(5242880 bytes)`
    private static func length(_ text: String) -> Int? {
        guard text.hasPrefix("("), text.hasSuffix(" bytes)") else { return nil }
        return Int(text.dropFirst().dropLast(" bytes)".count))
    }

    // MARK: Answers

    private func compare(_ exchange: RecordedExchange, _ response: HTTPResponse, _ body: String) -> [String] {
        var differences: [String] = []
        func expect(_ what: String, _ there: String, _ here: String) {
            if there != here { differences.append("\(what) is \(here), was \(there)") }
        }
        expect("status", "\(exchange.status)", "\(response.status)")
        let isEmpty = exchange.responseBody.isEmpty
        for name in ["Content-Type", "Location", "X-App-Header", "X-Multi", "X-Content-Type-Options", "Tracestate"] {
            expect(
                name, exchange.responseFields.values(name).suffix(1).joined(),
                response.fields.values(name).suffix(1).joined())
        }
        for name in ["Etag", "Metadata.ttlexpiretime", "Traceparent"] {
            expect(
                "\(name)'s presence", "\(exchange.responseFields.contains(name))", "\(response.fields.contains(name))")
        }
        let wasStreamed = exchange.responseFields.contains("Transfer-Encoding")
        if !isEmpty || wasStreamed { expect("streaming", "\(wasStreamed)", "\(response.body.length == nil)") }
        if response.fields.contains("Etag"), !exchange.target.contains("/pg1/"), !exchange.target.hasSuffix("-v1/pk") {
            expect("value", exchange.responseBody, body)
        } else {
            expect("body", Self.essence(exchange.responseBody), Self.essence(body))
        }
        return differences
    }

    /// A body without what differs from run to run, and errors without what stores may append.
    private static func essence(_ body: String) -> String {
        guard let value = try? JSONParser.parse(body) else { return body }
        if let code = value["errorCode"]?.stringValue, let message = value["message"]?.stringValue {
            let mismatch = "possible etag mismatch. error from state store"
            let start = message.firstRange(of: mismatch).map { "\(message[..<$0.upperBound])" } ?? message
            return "\(code) \(start) \(value["details"].map { JSONWriter.text($0) } ?? "")"
        }
        if value["headers"] != nil { return account(value) }
        if let items = value.arrayValue, items.allSatisfy({ $0["key"] != nil }) { return bulk(items) }
        return JSONWriter.text(sorted(value))
    }

    /// Version 1 gives members back in an order of its own.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        guard case .object(let object) = value else { return value }
        return .object(JSONObject(object.members.sorted { $0.name < $1.name }.map { ($0.name, sorted($0.value)) }))
    }

    /// An app's account of a request, with its fields in order and without those that differ for good reasons.
    private static func account(_ value: JSONValue) -> String {
        let fields = (value["headers"]?.arrayValue ?? []).compactMap { pair -> String? in
            guard let name = pair.arrayValue?.first?.stringValue, let value = pair.arrayValue?.last?.stringValue else {
                return nil
            }
            // Nothing here takes a compressed answer apart, so none is asked for.
            if name.lowercased() == "accept-encoding" { return nil }
            let isTrace = name.lowercased() == "traceparent" && value != Tracing.zero
            return "\(name.lowercased()): \(isTrace ? String(value.prefix(36)) : value)"
        }
        let isOwnTrace = fields.contains { $0.hasPrefix("traceparent: 00-0af7651916cd43dd8448eb211c80319c") }
        return [
            value["method"]?.stringValue ?? "", value["path"]?.stringValue ?? "", value["body"]?.stringValue ?? "",
            fields.map { $0.hasPrefix("traceparent: ") && !isOwnTrace ? String($0.prefix(15)) : $0 }.sorted()
                .joined(separator: "\n"),
        ].joined(separator: "\n")
    }

    /// The items of a bulk get, whose order is not kept.
    private static func bulk(_ items: [JSONValue]) -> String {
        items.map { item in
            let hasExpiry = item["metadata"]?["ttlExpireTime"] != nil
            let data = item["data"].map { JSONWriter.text($0) } ?? "absent"
            return "\(item["key"]?.stringValue ?? "") \(data) \(item["etag"] != nil) \(hasExpiry)"
        }.sorted().joined(separator: ", ")
    }
}
