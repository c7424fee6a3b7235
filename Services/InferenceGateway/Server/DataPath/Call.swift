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
    /// Nil for the id that is derived from the trace.
    private let givenID: ArraySlice<UInt8>?
    private let forwardedFor: [ArraySlice<UInt8>]

    init(_ request: HTTPRequest, started: ContinuousClock.Instant, numbers: inout some RandomNumberGenerator) {
        let known = CallFields(request.fields)
        method = request.method
        target = request.target
        peer = request.peer
        fields = request.fields
        self.started = started
        credentials = known.credentials
        givenID = known.requestID
        forwardedFor = known.forwardedFor
        trace = known.trace?.child(using: &numbers) ?? TraceContext(using: &numbers)
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

    func appendRequestID(to fields: inout FieldWriter) {
        fields.append("X-Request-Id") { bytes in
            if let givenID {
                bytes.append(contentsOf: givenID)
            } else {
                bytes.append(hexadecimal: trace.traceHigh)
                bytes.append(hexadecimal: trace.traceLow)
            }
        }
    }

    /// The fields for the engine: the caller's, less its token and what was meant for this connection only, and with
    /// the ids and addresses that the engine's log may want.
    func upstreamFields() -> HTTPFields {
        var fields = FieldWriter(copying: self.fields, spare: 256) { span in
            !span.isHopByHop && CallFields.kind(span, in: self.fields) == nil
        }
        appendRequestID(to: &fields)
        fields.append("traceparent") { bytes in
            bytes.append(contentsOf: "00-".utf8)
            bytes.append(hexadecimal: trace.traceHigh)
            bytes.append(hexadecimal: trace.traceLow)
            bytes.append(UInt8(ascii: "-"))
            bytes.append(hexadecimal: trace.span)
            bytes.append(contentsOf: (trace.isSampled ? "-01" : "-00").utf8)
        }
        fields.append("X-Forwarded-For") { bytes in
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
        var fields = FieldWriter(copying: engine, spare: 64) { span in
            !span.isHopByHop && !(span.nameEnd - span.nameStart == 12 && engine.matches(span, "x-request-id"))
        }
        appendRequestID(to: &fields)
        return fields.fields
    }
}
