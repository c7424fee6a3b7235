import HTTP
import InferenceGatewayCore

/// The fields in which OpenAI tells what is left of what the caller's token grants.
struct RateLimitFields {
    fileprivate static let requests = Self(
        limit: "x-ratelimit-limit-requests", remaining: "x-ratelimit-remaining-requests",
        reset: "x-ratelimit-reset-requests")
    fileprivate static let tokens = Self(
        limit: "x-ratelimit-limit-tokens", remaining: "x-ratelimit-remaining-tokens",
        reset: "x-ratelimit-reset-tokens")
    /// How long their names are.
    static let nameBytes = Int32(24)...Int32(30)
    /// What the six of them take at most: numbers have up to 20 digits, times up to as many and a few signs.
    static let bytes = 6 * (30 + 4 + 32)

    private let limit: FieldName
    private let remaining: FieldName
    private let reset: FieldName

    private init(limit: String, remaining: String, reset: String) {
        (self.limit, self.remaining, self.reset) = (FieldName(limit), FieldName(remaining), FieldName(reset))
    }

    fileprivate func isNamed(by span: HTTPFields.Span, in storage: Span<UInt8>) -> Bool {
        [limit, remaining, reset].contains { span.isNamed($0.name, in: storage) }
    }

    fileprivate func append(_ allowance: TokenBudget.Allowance, to writer: inout FieldWriter) {
        writer.append(limit) { out, end in out.write(decimal: allowance.limit, at: &end) }
        writer.append(remaining) { out, end in out.write(decimal: allowance.remaining, at: &end) }
        writer.append(reset) { out, end in out.write(reset: allowance.reset, at: &end) }
    }
}

extension TokenBudget.Allowances {
    /// Whether the field tells of one of them.
    func isNamed(by span: HTTPFields.Span, in storage: Span<UInt8>) -> Bool {
        (requests != nil && RateLimitFields.requests.isNamed(by: span, in: storage))
            || (tokens != nil && RateLimitFields.tokens.isNamed(by: span, in: storage))
    }
}

extension FieldWriter {
    mutating func append(_ allowances: TokenBudget.Allowances) {
        if let requests = allowances.requests { RateLimitFields.requests.append(requests, to: &self) }
        if let tokens = allowances.tokens { RateLimitFields.tokens.append(tokens, to: &self) }
    }
}

extension HTTPFields {
    mutating func append(_ allowances: TokenBudget.Allowances) {
        var (storage, spans) = take()
        var writer = FieldWriter(storage: &storage, spans: &spans, room: RateLimitFields.bytes)
        writer.append(allowances)
        self = writer.finish()
    }

    /// As in `6m0s`, `8.64s` and `17ms`.
    static func text(_ duration: Duration) -> String {
        var text = TextBuffer(capacity: 64)
        text.write { out, end in out.write(reset: duration, at: &end) }
        return String(decoding: text.take(), as: UTF8.self)
    }
}

extension MutableRawSpan {
    /// As OpenAI writes durations.
    fileprivate mutating func write(reset duration: Duration, at end: inout Int) {
        let attosecondsPerMillisecond: Int128 = 1_000_000_000_000_000
        let milliseconds = Int(
            clamping: (duration.attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond)
        let seconds = milliseconds / 1000
        if milliseconds < 1000 {
            write(decimal: milliseconds, at: &end)
            write(UInt8(ascii: "m"), at: &end)
        } else if seconds >= 60 {
            write(decimal: seconds / 60, at: &end)
            write(UInt8(ascii: "m"), at: &end)
            write(decimal: seconds % 60, at: &end)
        } else {
            write(decimal: seconds, at: &end)
            let hundredths = milliseconds % 1000 / 10
            if hundredths > 0 {
                write(UInt8(ascii: "."), at: &end)
                if hundredths < 10 { write(UInt8(ascii: "0"), at: &end) }
                write(decimal: hundredths, at: &end)
            }
        }
        write(UInt8(ascii: "s"), at: &end)
    }
}
