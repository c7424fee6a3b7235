import Domain
import HTTP
import InferenceGatewayCore
import JSON
import Observability

/// The JSON lines of requests, put together from runs of bytes. Neither query nor body nor any credential is in them.
struct AccessLogLines {
    /// Bytes of a path; the rest is cut.
    static let maximumPathBytes = 512

    private(set) var bytes: [UInt8] = []
    private var second = Int64.min
    /// How every line of this second begins.
    private var beginning: [UInt8] = []

    /// Hands over what it holds and is empty then.
    mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    mutating func append(_ entry: AccessLog.Entry) {
        let call = entry.call
        begin(at: entry.time)
        append(text: call.method.rawValue[...].utf8)
        bytes.append(contentsOf: Part.path)
        append(text: call.path.utf8.prefix(Self.maximumPathBytes))
        bytes.append(contentsOf: Part.status)
        bytes.append(decimal: entry.status.code)
        bytes.append(contentsOf: Part.duration)
        append(milliseconds: entry.duration)
        if let served = entry.served { append(served) }
        if let refusal = entry.refusal {
            bytes.append(contentsOf: Part.refusal)
            append(text: refusal.code[...].utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: Part.peer)
        append(text: call.peerAddress)
        bytes.append(contentsOf: Part.requestID)
        bytes.append(contentsOf: call.requestID)
        let start = bytes.count + Part.traceIDStart
        bytes.append(contentsOf: Part.traceID)
        bytes.write(hexadecimal: call.trace.traceHigh, at: start)
        bytes.write(hexadecimal: call.trace.traceLow, at: start + 16)
    }

    private mutating func append(_ served: AccessLog.Served) {
        bytes.append(contentsOf: Part.service)
        append(text: served.meter.service[...].utf8)
        bytes.append(contentsOf: Part.instanceID)
        bytes.append(contentsOf: served.meter.instanceIDText.utf8)
        bytes.append(UInt8(ascii: "\""))
        if let firstByte = served.firstByte {
            bytes.append(contentsOf: Part.firstByte)
            append(milliseconds: firstByte)
        }
        bytes.append(contentsOf: Part.responseBytes)
        bytes.append(decimal: served.responseBytes)
        bytes.append(contentsOf: served.end.part)
    }

    private mutating func begin(at time: Timestamp) {
        let milliseconds = time.millisecondsSinceEpoch
        let since = milliseconds &- second
        if since < 0 || since >= 1000 {
            beginning = Array("{\"time\":\"\(time)".utf8.dropLast("000Z".utf8.count))
            second = milliseconds - ((milliseconds % 1000) + 1000) % 1000
        }
        bytes.append(contentsOf: beginning)
        bytes.append(threeDigits: Int(milliseconds - second))
        bytes.append(contentsOf: Part.method)
    }

    /// With three decimals: microseconds.
    private mutating func append(milliseconds duration: Duration) {
        let microseconds = Int(truncatingIfNeeded: duration.attoseconds / 1_000_000_000_000)
        bytes.append(decimal: microseconds / 1000)
        bytes.append(UInt8(ascii: "."))
        bytes.append(threeDigits: microseconds % 1000)
    }

    private mutating func append(text: Substring.UTF8View) {
        let start = bytes.count
        let span = text.span
        for index in span.indices {
            guard Self.isPlain(span[index]) else {
                bytes.removeLast(bytes.count - start)
                let text = String(decoding: text, as: UTF8.self)
                bytes.append(contentsOf: JSONWriter.bytes(.string(text)).dropFirst().dropLast())
                return
            }
            bytes.append(span[index])
        }
    }

    /// Whether it stands for itself in JSON. Not beyond ASCII, since text may be cut within a character.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x20 < 0x5F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

/// What is alike in every line.
private enum Part {
    static let method = Array(#"Z","level":"info","message":"request","method":""#.utf8)
    static let path = Array(#"","path":""#.utf8)
    static let status = Array(#"","status":"#.utf8)
    static let duration = Array(#","duration_ms":"#.utf8)
    static let service = Array(#","service":""#.utf8)
    static let instanceID = Array(#"","instance_id":""#.utf8)
    static let firstByte = Array(#","first_byte_ms":"#.utf8)
    static let responseBytes = Array(#","response_bytes":"#.utf8)
    static let complete = Array(#","end":"complete""#.utf8)
    static let clientGone = Array(#","end":"client_gone""#.utf8)
    static let upstreamBroke = Array(#","end":"upstream_broke""#.utf8)
    static let refusal = Array(#","refusal":""#.utf8)
    static let peer = Array(#","peer":""#.utf8)
    static let requestID = Array(#"","request_id":""#.utf8)
    static let traceID = Array(#"","trace_id":"00000000000000000000000000000000"}\#n"#.utf8)
    /// Where the zeros are.
    static let traceIDStart = 14
}

extension InstanceMeter.Outcome.End {
    fileprivate var part: [UInt8] {
        switch self {
        case .complete: Part.complete
        case .clientGone: Part.clientGone
        case .upstreamBroke: Part.upstreamBroke
        }
    }
}
