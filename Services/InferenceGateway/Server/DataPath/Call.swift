import HTTP
import InferenceGatewayCore
import Observability

/// One request to the gateway, with what is known about it from its head. Its body goes another way, so that it is
/// not kept in memory as long as the answer streams.
struct Call: Sendable {
    let method: HTTPMethod
    let target: String
    let peer: String
    let credentials: Credentials
    let trace: TraceContext
    let started: ContinuousClock.Instant
    private let fields: HTTPFields
    /// Of the fields, those that go on to the engine.
    private let passedOn: [HTTPFields.Span]
    /// Nil for the id that is derived from the trace.
    private let givenID: ArraySlice<UInt8>?
    private let forwardedFor: [ArraySlice<UInt8>]

    init(_ request: HTTPRequest, started: ContinuousClock.Instant, numbers: SharedNumberGenerator) {
        let known = CallFields(request.fields)
        method = request.method
        target = request.target
        peer = request.peer
        fields = request.fields
        self.started = started
        credentials = known.credentials
        passedOn = known.passedOn
        givenID = known.requestID
        forwardedFor = known.forwardedFor
        // Zero is not a valid span.
        let span = numbers.next() | 1
        trace =
            known.trace.map {
                TraceContext(traceHigh: $0.traceHigh, traceLow: $0.traceLow, span: span, isSampled: $0.isSampled)
            } ?? TraceContext(traceHigh: numbers.next(), traceLow: numbers.next() | 1, span: span, isSampled: true)
    }

    /// Up to the query, which may hold secrets and is not logged.
    var path: Substring { target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...] }

    var requestID: String { givenID.map { String(decoding: $0, as: UTF8.self) } ?? trace.traceID }

    /// The peer without its port and brackets.
    var peerAddress: Substring.UTF8View {
        let text = peer.utf8
        let address = text.lastIndex(of: UInt8(ascii: ":")).map { text[..<$0] } ?? text[...]
        return address.first == UInt8(ascii: "[") ? address.dropFirst().dropLast() : address
    }

    /// The fields for the engine: the caller's, less its token and what was meant for this connection only, and with
    /// the ids and addresses that the engine's log may want.
    func upstreamFields() -> HTTPFields {
        var fields = FieldWriter(copying: self.fields, passedOn, spare: 192)
        appendRequestID(to: &fields)
        fields.append(Self.traceParent) { bytes, start in
            bytes.write(hexadecimal: trace.traceHigh, at: start + 3)
            bytes.write(hexadecimal: trace.traceLow, at: start + 19)
            bytes.write(hexadecimal: trace.span, at: start + 36)
            if !trace.isSampled { bytes[start + 54] = UInt8(ascii: "0") }
        }
        fields.append(Self.forwarded) { bytes, _ in
            for address in forwardedFor {
                bytes.append(contentsOf: address)
                bytes.append(contentsOf: ", ".utf8)
            }
            bytes.append(contentsOf: peerAddress)
        }
        return fields.fields
    }

    /// The fields for the caller: the engine's, less what was meant for its connection only, and with the request id.
    func responseFields(from engine: HTTPFields) -> HTTPFields {
        var kept: [HTTPFields.Span] = []
        kept.reserveCapacity(engine.spans.count + 1)
        for span in engine.spans where !span.isHopByHop {
            if span.nameEnd - span.nameStart == 12, engine.isNamed(span, "x-request-id") { continue }
            kept.append(span)
        }
        var fields = FieldWriter(copying: engine, kept, spare: 64)
        appendRequestID(to: &fields)
        return fields.fields
    }

    private func appendRequestID(to fields: inout FieldWriter) {
        if let givenID {
            fields.append(Self.givenRequestID) { bytes, _ in bytes.append(contentsOf: givenID) }
        } else {
            fields.append(Self.derivedRequestID) { bytes, start in
                bytes.write(hexadecimal: trace.traceHigh, at: start)
                bytes.write(hexadecimal: trace.traceLow, at: start + 16)
            }
        }
    }

    private static let givenRequestID = FieldTemplate("X-Request-Id")
    private static let derivedRequestID = FieldTemplate("X-Request-Id", String(repeating: "0", count: 32))
    private static let traceParent = FieldTemplate(
        "traceparent", "00-\(String(repeating: "0", count: 32))-\(String(repeating: "0", count: 16))-01")
    private static let forwarded = FieldTemplate("X-Forwarded-For")
}
