import HTTP
import InferenceGatewayCore
import Observability

/// How the JSON line of a request goes on behind its time. Neither query nor body nor any credential is in it.
///
/// One object for all lines, which holds what is alike in every one of them.
final class AccessLogLine: Sendable {
    /// Bytes of a path; the rest is cut.
    static let maximumPathBytes = 512
    /// Of a method, a peer, a name, a request id.
    private static let maximumWordBytes = 256
    /// Path and words with each byte escaped, and all that is between them.
    static let maximumBytes = 6 * (maximumPathBytes + 6 * maximumWordBytes) + 1024

    private let method = TextLiteral(#"Z","level":"info","message":"request","method":""#)
    private let path = TextLiteral(#"","path":""#)
    private let status = TextLiteral(#"","status":"#)
    private let duration = TextLiteral(#","duration_ms":"#)
    private let service = TextLiteral(#","service":""#)
    private let instanceID = TextLiteral(#"","instance_id":""#)
    private let firstByte = TextLiteral(#","first_byte_ms":"#)
    private let firstToken = TextLiteral(#","first_token_ms":"#)
    private let responseBytes = TextLiteral(#","response_bytes":"#)
    private let complete = TextLiteral(#","end":"complete""#)
    private let clientGone = TextLiteral(#","end":"client_gone""#)
    private let upstreamBroke = TextLiteral(#","end":"upstream_broke""#)
    private let refusal = TextLiteral(#","refusal":""#)
    private let peer = TextLiteral(#","peer":""#)
    private let requestID = TextLiteral(#"","request_id":""#)
    private let traceID = TextLiteral(#"","trace_id":""#)
    private let lineEnd = TextLiteral("\"}\n")

    func write(_ entry: AccessLog.Entry, to out: inout MutableRawSpan, at end: inout Int) {
        let call = entry.call
        out.write(method, at: &end)
        write(word: call.method.rawValue.utf8.span, to: &out, at: &end)
        out.write(path, at: &end)
        let target = call.target.utf8.span
        out.write(text: target.extracting(first: min(call.pathBytes, Self.maximumPathBytes)), at: &end)
        out.write(status, at: &end)
        out.write(decimal: entry.status.code, at: &end)
        out.write(duration, at: &end)
        write(milliseconds: entry.duration, to: &out, at: &end)
        if let served = entry.served {
            write(served, to: &out, at: &end)
        } else if let service = entry.service {
            out.write(self.service, at: &end)
            write(word: service.utf8.span, to: &out, at: &end)
            out.write(UInt8(ascii: "\""), at: &end)
        }
        if let refusal = entry.refusal {
            out.write(self.refusal, at: &end)
            write(word: refusal.code.utf8.span, to: &out, at: &end)
            out.write(UInt8(ascii: "\""), at: &end)
        }
        out.write(peer, at: &end)
        let peer = call.peer.utf8.span
        write(word: peer.extracting(Call.address(in: peer)), to: &out, at: &end)
        out.write(requestID, at: &end)
        write(word: call.requestID.span, to: &out, at: &end)
        out.write(traceID, at: &end)
        out.write(hexadecimal: call.trace.traceHigh, at: &end)
        out.write(hexadecimal: call.trace.traceLow, at: &end)
        out.write(lineEnd, at: &end)
    }

    private func write(_ served: AccessLog.Served, to out: inout MutableRawSpan, at end: inout Int) {
        let (service, instanceID) = (served.meter.serviceText, served.meter.instanceIDText)
        out.write(self.service, at: &end)
        write(word: service.span, to: &out, at: &end)
        out.write(self.instanceID, at: &end)
        write(word: instanceID.span, to: &out, at: &end)
        out.write(UInt8(ascii: "\""), at: &end)
        if let firstByte = served.firstByte {
            out.write(self.firstByte, at: &end)
            write(milliseconds: firstByte, to: &out, at: &end)
        }
        if let firstToken = served.firstToken {
            out.write(self.firstToken, at: &end)
            write(milliseconds: firstToken, to: &out, at: &end)
        }
        out.write(responseBytes, at: &end)
        out.write(decimal: served.responseBytes, at: &end)
        switch served.end {
        case .complete: out.write(complete, at: &end)
        case .clientGone: out.write(clientGone, at: &end)
        case .upstreamBroke: out.write(upstreamBroke, at: &end)
        }
    }

    /// With three decimals: microseconds.
    private func write(milliseconds duration: Duration, to out: inout MutableRawSpan, at end: inout Int) {
        let microseconds = Int(truncatingIfNeeded: max(0, duration.attoseconds) / 1_000_000_000_000)
        out.write(decimal: microseconds / 1000, at: &end)
        out.write(UInt8(ascii: "."), at: &end)
        out.write(threeDigits: microseconds % 1000, at: &end)
    }

    private func write(word: Span<UInt8>, to out: inout MutableRawSpan, at end: inout Int) {
        out.write(text: word.extracting(first: Self.maximumWordBytes), at: &end)
    }
}
