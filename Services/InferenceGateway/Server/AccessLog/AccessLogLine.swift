import Domain
import HTTP
import InferenceGatewayCore
import JSON
import Observability

/// The JSON line of one request. Neither query nor body nor any credential is in it.
struct AccessLogLine {
    /// Bytes of a path; the rest is cut.
    static let maximumPathBytes = 512

    private(set) var bytes: [UInt8] = []

    init(_ entry: AccessLog.Entry) {
        let call = entry.call
        bytes.reserveCapacity(512)
        bytes.append(UInt8(ascii: "{"))
        add("time", text: entry.time.description)
        add("level", text: "info")
        add("message", text: "request")
        add("method", text: call.method.rawValue)
        add("path", text: String(decoding: call.path.utf8.prefix(Self.maximumPathBytes), as: UTF8.self))
        add("status", number: entry.status.code)
        add("duration_ms", milliseconds: entry.duration)
        if let served = entry.served {
            add("service", text: served.service)
            add("instance_id", text: served.instanceID.description)
            if let firstByte = served.firstByte { add("first_byte_ms", milliseconds: firstByte) }
            add("response_bytes", number: served.responseBytes)
            add("end", text: served.end.word)
        }
        if let refusal = entry.refusal { add("refusal", text: refusal.code) }
        add("peer", text: String(decoding: Array(call.peerAddress), as: UTF8.self))
        add("request_id", text: call.requestID)
        add("trace_id", text: call.trace.traceID)
        bytes.append(contentsOf: "}\n".utf8)
    }

    private mutating func add(_ name: StaticString, text: String) {
        begin(name)
        bytes.append(contentsOf: JSONWriter.bytes(.string(text)))
    }

    private mutating func add(_ name: StaticString, number: Int) {
        begin(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// With three decimals: microseconds.
    private mutating func add(_ name: StaticString, milliseconds duration: Duration) {
        begin(name)
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1000)
        bytes.append(contentsOf: String(microseconds / 1000).utf8)
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 3 - fraction.utf8.count))
        bytes.append(contentsOf: fraction.utf8)
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(contentsOf: "\":".utf8)
    }
}

extension InstanceMeter.Outcome.End {
    fileprivate var word: String {
        switch self {
        case .complete: "complete"
        case .clientGone: "client_gone"
        case .upstreamBroke: "upstream_broke"
        }
    }
}
