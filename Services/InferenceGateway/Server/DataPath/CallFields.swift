import HTTP
import InferenceGatewayCore
import Observability

/// What the gateway itself reads of a request's header fields, found in one pass.
struct CallFields {
    /// Bytes of a request id that is taken over from the caller.
    static let maximumRequestIDBytes = 128

    let credentials: Credentials
    /// The caller's own request id, if it is fit to be logged.
    let requestID: ArraySlice<UInt8>?
    let trace: TraceContext?
    /// Every `X-Forwarded-For`, in order.
    let forwardedFor: [ArraySlice<UInt8>]

    private enum Kind {
        case authorization
        case requestID
        case traceParent
        case forwardedFor
    }

    /// - Parameter passedOn: gets the fields that go on to the engine: all but those that are read here, and but what
    ///   was meant for the caller's connection only.
    init(_ fields: HTTPFields, passedOn: inout [HTTPFields.Span]) {
        var credentials = Credentials.none
        var requestID: ArraySlice<UInt8>?
        var trace: TraceContext?
        var forwardedFor: [ArraySlice<UInt8>] = []
        var hasAuthorization = false
        passedOn.reserveCapacity(fields.spans.count + 3)
        for span in fields.spans {
            guard let kind = Self.kind(span, in: fields) else {
                if !span.isHopByHop { passedOn.append(span) }
                continue
            }
            let value = fields.storage[Int(span.valueStart)..<Int(span.valueEnd)]
            switch kind {
            case .authorization:
                // Of two, an engine or a proxy might read the other one.
                credentials = hasAuthorization ? .unusable : Credentials(fieldValue: value)
                hasAuthorization = true
            case .requestID: if requestID == nil, Self.isLoggable(value) { requestID = value }
            case .traceParent: trace = TraceContext(traceparent: String(decoding: value, as: UTF8.self))
            case .forwardedFor: forwardedFor.append(value)
            }
        }
        self.credentials = credentials
        self.requestID = requestID
        self.trace = trace
        self.forwardedFor = forwardedFor
    }

    /// Nil for the fields that are passed on.
    private static func kind(_ span: HTTPFields.Span, in fields: HTTPFields) -> Kind? {
        switch span.nameEnd - span.nameStart {
        case 11: fields.isNamed(span, "traceparent") ? .traceParent : nil
        case 12: fields.isNamed(span, "x-request-id") ? .requestID : nil
        case 13: fields.isNamed(span, "authorization") ? .authorization : nil
        case 15: fields.isNamed(span, "x-forwarded-for") ? .forwardedFor : nil
        default: nil
        }
    }

    private static func isLoggable(_ value: ArraySlice<UInt8>) -> Bool {
        !value.isEmpty && value.count <= maximumRequestIDBytes
            && value.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}

extension HTTPFields {
    /// Whether the field's name is `name`, which is as long, and in lower case.
    func isNamed(_ span: Span, _ name: String) -> Bool {
        let bytes = storage.span
        let name = name.utf8.span
        var index = Int(span.nameStart)
        for position in 0..<name.count {
            let byte = bytes[index]
            guard (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == name[position] else { return false }
            index += 1
        }
        return true
    }

    /// Whether the field's value begins with `start`, case included.
    func value(of span: Span, startsWith start: String) -> Bool {
        let bytes = storage.span
        let start = start.utf8.span
        guard Int(span.valueEnd - span.valueStart) >= start.count else { return false }
        for position in 0..<start.count where bytes[Int(span.valueStart) + position] != start[position] {
            return false
        }
        return true
    }
}
