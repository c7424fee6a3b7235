import HTTP
import InferenceGatewayCore
import Observability

/// What the gateway itself reads of a request's header fields, and never passes on as it came.
struct CallFields {
    enum Kind {
        case authorization
        case requestID
        case traceParent
        case forwardedFor
    }

    private(set) var credentials = Credentials.none
    /// The caller's own request id, if it is fit to be logged.
    private(set) var requestID: ArraySlice<UInt8>?
    private(set) var trace: TraceContext?
    /// Every `X-Forwarded-For`, in order.
    private(set) var forwardedFor: [ArraySlice<UInt8>] = []

    /// Bytes of a request id that is taken over from the caller.
    static let maximumRequestIDBytes = 128

    init(_ fields: HTTPFields) {
        var hasAuthorization = false
        for span in fields.spans {
            guard let kind = Self.kind(span, in: fields) else { continue }
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
    }

    /// Nil for the fields that are passed on.
    static func kind(_ span: HTTPFields.Span, in fields: HTTPFields) -> Kind? {
        switch span.nameEnd - span.nameStart {
        case 11: fields.matches(span, "traceparent") ? .traceParent : nil
        case 12: fields.matches(span, "x-request-id") ? .requestID : nil
        case 13: fields.matches(span, "authorization") ? .authorization : nil
        case 15: fields.matches(span, "x-forwarded-for") ? .forwardedFor : nil
        default: nil
        }
    }

    private static func isLoggable(_ value: ArraySlice<UInt8>) -> Bool {
        !value.isEmpty && value.count <= maximumRequestIDBytes
            && value.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
