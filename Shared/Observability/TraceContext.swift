/// A W3C trace context: which trace this work belongs to, and which span asked for it.
public struct TraceContext: Hashable, Sendable {
    public let traceHigh: UInt64
    public let traceLow: UInt64
    public let span: UInt64
    public let isSampled: Bool

    /// Begins a trace of its own.
    public init(using generator: inout some RandomNumberGenerator) {
        traceHigh = .random(in: 1...UInt64.max, using: &generator)
        traceLow = .random(in: 1...UInt64.max, using: &generator)
        span = .random(in: 1...UInt64.max, using: &generator)
        isSampled = true
    }

    /// Takes numbers that were drawn elsewhere: `span`, and one of the other two, must not be zero.
    public init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.isSampled = isSampled
    }

    /// Takes a `traceparent` header; nil if it is malformed or all zero (which a sidecar without tracing sends).
    public init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count == 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = hexadecimal(bytes[0..<2]), version != 0xFF,
            let high = hexadecimal(bytes[3..<19]), let low = hexadecimal(bytes[19..<35]),
            let span = hexadecimal(bytes[36..<52]), let flags = hexadecimal(bytes[53..<55]),
            high | low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 == 1)
    }

    /// The same trace, with a span of its own for the next hop.
    public func child(using generator: inout some RandomNumberGenerator) -> Self {
        Self(
            traceHigh: traceHigh, traceLow: traceLow, span: .random(in: 1...UInt64.max, using: &generator),
            isSampled: isSampled)
    }

    /// 32 hexadecimal digits, for logs and problem documents.
    public var traceID: String { digits(traceHigh) + digits(traceLow) }

    public var traceparent: String { "00-\(traceID)-\(digits(span))-\(isSampled ? "01" : "00")" }
}

private let dash = UInt8(ascii: "-")

private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
        default: return nil
        }
    }
    return value
}

private func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
}
