import HTTP
import InferenceGatewayCore
import Observability

/// One request to the gateway, with what is known about it from its head. Its body goes another way, so that it is
/// not kept in memory as long as the answer streams.
final class Call: Sendable {
    let method: HTTPMethod
    let target: String
    let peer: String
    let credentials: Credentials
    let trace: TraceContext
    let started: ContinuousClock.Instant
    /// Nil unless the caller asks for a WebSocket.
    let webSocketInput: (any ByteStream)?
    /// For the engine: the caller's fields, less its token and what was meant for this connection only, and with the
    /// ids and addresses that the engine's log may want.
    let upstreamFields: HTTPFields
    /// Where the request id lies in the storage of `upstreamFields`.
    private let requestIDRange: Range<Int>

    /// - Parameters:
    ///   - request: its fields are taken over, if it is their only owner.
    ///   - isRead: the answer is to be read on its way.
    init(
        _ request: consuming HTTPRequest, isRead: Bool, started: ContinuousClock.Instant,
        numbers: SharedNumberGenerator
    ) {
        method = request.method
        target = request.target
        peer = request.peer
        webSocketInput = request.webSocketInput
        self.started = started
        var (storage, spans) = request.fields.take()
        let known = CallFields(&spans, in: storage, isRead: isRead)
        // Zero is not a valid span.
        let span = numbers.next() | 1
        trace =
            known.trace.map {
                TraceContext(traceHigh: $0.traceHigh, traceLow: $0.traceLow, span: span, isSampled: $0.isSampled)
            } ?? TraceContext(traceHigh: numbers.next(), traceLow: numbers.next() | 1, span: span, isSampled: true)
        let others = known.forwardedFor.map { Array(storage[$0]) }
        let nominatedID = known.keepsRequestID ? nil : known.requestID.map { Array(storage[$0]) }
        var fields = FieldWriter(
            storage: &storage, spans: &spans,
            room: 192 + peer.utf8.count + (nominatedID?.count ?? 0)
                + others.reduce(0) { $0 + $1.count + ", ".utf8.count })
        if let requestID = known.requestID, known.keepsRequestID {
            requestIDRange = requestID
        } else {
            fields.append(requestID: nominatedID, or: trace)
            requestIDRange = fields.lastValue
        }
        fields.append(trace)
        fields.append(forwardedFor: others, and: peer)
        upstreamFields = fields.finish()
        credentials = known.credentials(in: upstreamFields.storage)
    }

    /// Up to the query, which may hold secrets and is not logged.
    var path: Substring { target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...] }

    /// Of a body that says it is a form.
    var formBoundary: FormBoundary? { upstreamFields["Content-Type"].flatMap { FormBoundary(contentType: $0) } }

    /// Nil of a body that is as it is.
    var bodyEncoding: String? {
        upstreamFields["Content-Encoding"].flatMap { $0.lowercased() == "identity" ? nil : $0 }
    }

    /// How long it is.
    var pathBytes: Int {
        let text = target.utf8
        let bytes = text.span
        return bytes.indices.first { bytes[$0] == UInt8(ascii: "?") } ?? bytes.count
    }

    /// Visible ASCII without quotes and backslashes.
    var requestID: ArraySlice<UInt8> { upstreamFields.storage[requestIDRange] }

    /// Where the address lies in a peer: without its port and brackets.
    static func address(in peer: Span<UInt8>) -> Range<Int> {
        var end = peer.count
        while end > 0, peer[end - 1] != UInt8(ascii: ":") { end -= 1 }
        // Without a port, all of it.
        end = end == 0 ? peer.count : end - 1
        return end > 1 && peer[0] == UInt8(ascii: "[") ? 1..<end - 1 : 0..<end
    }

    /// Makes the engine's fields those for the caller: less what was meant for the engine's connection only, and with
    /// the request id.
    /// - Parameter allowances: of the caller's token, if it has any.
    func completeResponse(_ fields: inout HTTPFields, _ allowances: TokenBudget.Allowances? = nil) {
        var (storage, spans) = fields.take()
        spans.removeAll { span in
            if span.isHopByHop { return true }
            switch span.nameEnd - span.nameStart {
            case 12: return span.isNamed("x-request-id", in: storage.span)
            // Of allowances of its own, an engine tells its own caller: us.
            case RateLimitFields.nameBytes: return allowances?.isNamed(by: span, in: storage.span) ?? false
            default: return false
            }
        }
        var writer = FieldWriter(
            storage: &storage, spans: &spans,
            room: FieldWriter.requestID.bytes + requestIDRange.count + (allowances == nil ? 0 : RateLimitFields.bytes))
        writer.append(FieldWriter.requestID) { out, end in out.write(requestID.span, at: &end) }
        if let allowances { writer.append(allowances) }
        fields = writer.finish()
    }
}

extension FieldWriter {
    fileprivate static let requestID = FieldName("X-Request-Id")
    private static let traceParent = FieldName("traceparent")
    private static let forwardedFor = FieldName("X-Forwarded-For")
    private static let traceVersion = TextLiteral("00-")
    private static let sampled = TextLiteral("-01")
    private static let notSampled = TextLiteral("-00")
    private static let comma = TextLiteral(", ")

    /// The caller's own id if it gave one, else the trace's.
    fileprivate mutating func append(requestID: [UInt8]?, or trace: TraceContext) {
        append(Self.requestID) { out, end in
            if let requestID {
                out.write(requestID.span, at: &end)
            } else {
                out.write(hexadecimal: trace.traceHigh, at: &end)
                out.write(hexadecimal: trace.traceLow, at: &end)
            }
        }
    }

    fileprivate mutating func append(_ trace: TraceContext) {
        append(Self.traceParent) { out, end in
            out.write(Self.traceVersion, at: &end)
            out.write(hexadecimal: trace.traceHigh, at: &end)
            out.write(hexadecimal: trace.traceLow, at: &end)
            out.write(UInt8(ascii: "-"), at: &end)
            out.write(hexadecimal: trace.span, at: &end)
            out.write(trace.isSampled ? Self.sampled : Self.notSampled, at: &end)
        }
    }

    fileprivate mutating func append(forwardedFor others: [[UInt8]], and peer: String) {
        append(Self.forwardedFor) { out, end in
            for address in others {
                out.write(address.span, at: &end)
                out.write(Self.comma, at: &end)
            }
            let peer = peer.utf8.span
            out.write(peer.extracting(Call.address(in: peer)), at: &end)
        }
    }
}
