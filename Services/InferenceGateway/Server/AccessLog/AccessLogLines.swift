import Domain
import HTTP
import InferenceGatewayCore
import Observability

/// The JSON lines of requests. Neither query nor body nor any credential is in them.
struct AccessLogLines {
    /// Bytes of a path; the rest is cut.
    static let maximumPathBytes = 512
    /// Of a method, a peer, a name, a request id.
    private static let maximumWordBytes = 256
    /// Path and words with each byte escaped, and all that is between them.
    private static let maximumLineBytes = 6 * (maximumPathBytes + 6 * maximumWordBytes) + 1024

    private let parts = LineParts()
    private var buffer: TextBuffer
    private var second = Int64.min
    /// How every line of this second begins.
    private var beginning = TextLiteral("")

    /// - Parameter bytes: that are about to be written at once.
    init(bytes: Int) { buffer = TextBuffer(capacity: bytes + Self.maximumLineBytes) }

    var isEmpty: Bool { buffer.count == 0 }

    /// Whether there is room for one more line.
    var isFull: Bool { buffer.room < Self.maximumLineBytes }

    /// Hands over the lines, and is empty then.
    mutating func take() -> [UInt8] { buffer.take() }

    /// Not while it is full.
    mutating func append(_ entry: AccessLog.Entry) {
        let call = entry.call
        begin(at: entry.time)
        let method = call.method.rawValue.utf8
        append(word: method.span)
        buffer.append(parts.path)
        let target = call.target.utf8
        buffer.append(text: target.span.extracting(first: min(call.pathBytes, Self.maximumPathBytes)))
        buffer.append(parts.status)
        buffer.append(decimal: entry.status.code)
        buffer.append(parts.duration)
        append(milliseconds: entry.duration)
        if let served = entry.served {
            append(served)
        } else if let service = entry.service?.utf8 {
            buffer.append(parts.service)
            append(word: service.span)
            buffer.append(UInt8(ascii: "\""))
        }
        if let refusal = entry.refusal {
            buffer.append(parts.refusal)
            let code = refusal.code.utf8
            append(word: code.span)
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(parts.peer)
        let peer = call.peer.utf8
        append(word: peer.span.extracting(Call.address(in: peer.span)))
        buffer.append(parts.requestID)
        let requestID = call.requestID
        append(word: requestID.span)
        buffer.append(parts.traceID)
        buffer.append(hexadecimal: call.trace.traceHigh)
        buffer.append(hexadecimal: call.trace.traceLow)
        buffer.append(parts.end)
    }

    private mutating func append(_ served: AccessLog.Served) {
        buffer.append(parts.service)
        let service = served.meter.serviceText
        append(word: service.span)
        buffer.append(parts.instanceID)
        let instanceID = served.meter.instanceIDText
        append(word: instanceID.span)
        buffer.append(UInt8(ascii: "\""))
        if let firstByte = served.firstByte {
            buffer.append(parts.firstByte)
            append(milliseconds: firstByte)
        }
        if let firstToken = served.firstToken {
            buffer.append(parts.firstToken)
            append(milliseconds: firstToken)
        }
        buffer.append(parts.responseBytes)
        buffer.append(decimal: served.responseBytes)
        switch served.end {
        case .complete: buffer.append(parts.complete)
        case .clientGone: buffer.append(parts.clientGone)
        case .upstreamBroke: buffer.append(parts.upstreamBroke)
        }
    }

    private mutating func begin(at time: Timestamp) {
        let milliseconds = time.millisecondsSinceEpoch
        let since = milliseconds &- second
        if since < 0 || since >= 1000 {
            beginning = TextLiteral("{\"time\":\"\(String("\(time)".dropLast("000Z".count)))")
            second = milliseconds - ((milliseconds % 1000) + 1000) % 1000
        }
        buffer.append(beginning)
        buffer.append(threeDigits: Int(milliseconds - second))
        buffer.append(parts.method)
    }

    /// With three decimals: microseconds.
    private mutating func append(milliseconds duration: Duration) {
        let microseconds = Int(truncatingIfNeeded: max(0, duration.attoseconds) / 1_000_000_000_000)
        buffer.append(decimal: microseconds / 1000)
        buffer.append(UInt8(ascii: "."))
        buffer.append(threeDigits: microseconds % 1000)
    }

    private mutating func append(word: Span<UInt8>) {
        buffer.append(text: word.extracting(first: Self.maximumWordBytes))
    }
}

/// What is alike in every line.
private struct LineParts {
    let method = TextLiteral(#"Z","level":"info","message":"request","method":""#)
    let path = TextLiteral(#"","path":""#)
    let status = TextLiteral(#"","status":"#)
    let duration = TextLiteral(#","duration_ms":"#)
    let service = TextLiteral(#","service":""#)
    let instanceID = TextLiteral(#"","instance_id":""#)
    let firstByte = TextLiteral(#","first_byte_ms":"#)
    let firstToken = TextLiteral(#","first_token_ms":"#)
    let responseBytes = TextLiteral(#","response_bytes":"#)
    let complete = TextLiteral(#","end":"complete""#)
    let clientGone = TextLiteral(#","end":"client_gone""#)
    let upstreamBroke = TextLiteral(#","end":"upstream_broke""#)
    let refusal = TextLiteral(#","refusal":""#)
    let peer = TextLiteral(#","peer":""#)
    let requestID = TextLiteral(#"","request_id":""#)
    let traceID = TextLiteral(#"","trace_id":""#)
    let end = TextLiteral("\"}\n")
}
