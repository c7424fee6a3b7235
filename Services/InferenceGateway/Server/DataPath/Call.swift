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

    init(_ request: borrowing HTTPRequest, started: ContinuousClock.Instant, numbers: SharedNumberGenerator) {
        var passedOn: [HTTPFields.Span] = []
        let known = CallFields(request.fields, passedOn: &passedOn)
        method = request.method
        target = request.target
        peer = request.peer
        webSocketInput = request.webSocketInput
        self.started = started
        credentials = known.credentials
        // Zero is not a valid span.
        let span = numbers.next() | 1
        trace =
            known.trace.map {
                TraceContext(traceHigh: $0.traceHigh, traceLow: $0.traceLow, span: span, isSampled: $0.isSampled)
            } ?? TraceContext(traceHigh: numbers.next(), traceLow: numbers.next() | 1, span: span, isSampled: true)
        var fields = FieldWriter(copying: request.fields, &passedOn, spare: 192)
        fields.append(requestID: known.requestID, or: trace)
        requestIDRange = fields.lastValue
        fields.append(trace)
        fields.append(forwardedFor: known.forwardedFor, and: request.peer)
        upstreamFields = fields.fields
    }

    /// Up to the query, which may hold secrets and is not logged.
    var path: Substring { target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...] }

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
        fields.removeHopByHop(and: "x-request-id")
        if let allowances { fields.remove(namesOf: allowances) }
        var writer = FieldWriter(taking: &fields, count: allowances == nil ? 1 : 7, spare: allowances == nil ? 64 : 320)
        writer.append(FieldWriter.requestID, requestID)
        if let allowances { writer.append(allowances) }
        fields = writer.fields
    }
}

extension FieldWriter {
    fileprivate static let requestID = FieldTemplate("X-Request-Id")
    private static let derivedRequestID = FieldTemplate("X-Request-Id", String(repeating: "0", count: 32))
    private static let traceParent = FieldTemplate(
        "traceparent", "00-\(String(repeating: "0", count: 32))-\(String(repeating: "0", count: 16))-01")
    private static let forwardedFor = FieldTemplate("X-Forwarded-For")

    /// The caller's own id if it gave one, else the trace's.
    fileprivate mutating func append(requestID: ArraySlice<UInt8>?, or trace: TraceContext) {
        if let requestID {
            append(Self.requestID, requestID)
        } else {
            append(Self.derivedRequestID) { bytes, start in
                bytes.write(hexadecimal: trace.traceHigh, at: start)
                bytes.write(hexadecimal: trace.traceLow, at: start + 16)
            }
        }
    }

    fileprivate mutating func append(_ trace: TraceContext) {
        append(Self.traceParent) { bytes, start in
            bytes.write(hexadecimal: trace.traceHigh, at: start + 3)
            bytes.write(hexadecimal: trace.traceLow, at: start + 19)
            bytes.write(hexadecimal: trace.span, at: start + 36)
            if !trace.isSampled { bytes[start + 54] = UInt8(ascii: "0") }
        }
    }

    fileprivate mutating func append(forwardedFor others: [ArraySlice<UInt8>], and peer: String) {
        append(Self.forwardedFor) { bytes, _ in
            for address in others {
                bytes.append(contentsOf: address)
                bytes.append(contentsOf: ", ".utf8)
            }
            let peer = peer.utf8.span
            for index in Call.address(in: peer) { bytes.append(peer[index]) }
        }
    }
}
