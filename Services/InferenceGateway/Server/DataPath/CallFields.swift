import HTTP
import InferenceGatewayCore
import Observability

/// What the gateway itself reads of a request's header fields, found in one pass. Values are ranges of the storage in
/// which they lie, so that this may grow meanwhile without being copied.
struct CallFields {
    /// Bytes of a request id that is taken over from the caller.
    static let maximumRequestIDBytes = 128

    private var authorization: Range<Int>?
    private var hasSecondAuthorization = false
    /// The caller's own request id, if it is fit to be logged.
    private(set) var requestID: Range<Int>?
    /// Its field is among those that go on.
    private(set) var keepsRequestID = false
    private(set) var trace: TraceContext?
    /// Every `X-Forwarded-For`, in order.
    private(set) var forwardedFor: [Range<Int>] = []
    /// The engine's answer is to be read on its way, so that it must not be compressed.
    private let isRead: Bool
    private var hasTraceState = false

    /// - Parameters:
    ///   - spans: loses the fields that do not go on to the engine: those that are read here, but for the request id,
    ///     and what was meant for the caller's connection only.
    ///   - isRead: the answer is to be read on its way.
    init(_ spans: inout [HTTPFields.Span], in storage: [UInt8], isRead: Bool) {
        var known = Self(isRead: isRead)
        spans.removeAll { !known.passesOn($0, storage) }
        // It belongs to a trace that is not gone on with.
        if known.hasTraceState, known.trace == nil {
            spans.removeAll { $0.isNamed("tracestate", in: storage.span) }
        }
        self = known
    }

    private init(isRead: Bool) { self.isRead = isRead }

    private mutating func passesOn(_ span: HTTPFields.Span, _ storage: [UInt8]) -> Bool {
        let value = Int(span.valueStart)..<Int(span.valueEnd)
        let bytes = storage.span
        switch span.nameEnd - span.nameStart {
        case 10 where span.isNamed("tracestate", in: bytes):
            hasTraceState = true
            return !span.isHopByHop
        case 11 where span.isNamed("traceparent", in: bytes):
            trace = TraceContext(traceparent: String(decoding: storage[value], as: UTF8.self))
        case 12 where span.isNamed("x-request-id", in: bytes):
            guard requestID == nil, Self.isLoggable(bytes.extracting(value)) else { return false }
            requestID = value
            keepsRequestID = !span.isHopByHop
            return keepsRequestID
        case 13 where span.isNamed("authorization", in: bytes):
            hasSecondAuthorization = authorization != nil
            authorization = value
        case 15 where span.isNamed("x-forwarded-for", in: bytes): forwardedFor.append(value)
        case 15 where isRead && span.isNamed("accept-encoding", in: bytes): break
        default: return !span.isHopByHop
        }
        return false
    }

    func credentials(in storage: [UInt8]) -> Credentials {
        guard let authorization else { return .none }
        // Of two, an engine or a proxy might read the other one.
        return hasSecondAuthorization ? .unusable : Credentials(fieldValue: storage[authorization])
    }

    private static func isLoggable(_ value: Span<UInt8>) -> Bool {
        guard !value.isEmpty, value.count <= maximumRequestIDBytes else { return false }
        for index in 0..<value.count {
            let byte = value[index]
            guard (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                return false
            }
        }
        return true
    }
}
