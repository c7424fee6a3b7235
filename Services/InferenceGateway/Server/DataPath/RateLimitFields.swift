import HTTP
import InferenceGatewayCore

/// The fields in which OpenAI tells what is left of what the caller's token grants.
private struct RateLimitFields {
    static let requests = Self(of: .requests)
    static let tokens = Self(of: .tokens)
    /// How long their names are.
    static let nameBytes = 24...30

    private let limit: FieldTemplate
    private let remaining: FieldTemplate
    private let reset: FieldTemplate
    private let names: [String]

    private init(of kind: TokenBudget.Kind) {
        names = ["limit", "remaining", "reset"].map { "x-ratelimit-\($0)-\(kind.rawValue)" }
        (limit, remaining, reset) = (FieldTemplate(names[0]), FieldTemplate(names[1]), FieldTemplate(names[2]))
    }

    func remove(from fields: inout HTTPFields) {
        for name in names { fields.remove(name) }
    }

    func append(_ allowance: TokenBudget.Allowance, to writer: inout FieldWriter) {
        writer.append(limit) { bytes, _ in bytes.append(decimal: allowance.limit) }
        writer.append(remaining) { bytes, _ in bytes.append(decimal: allowance.remaining) }
        writer.append(reset) { bytes, _ in bytes.append(reset: allowance.reset) }
    }
}

extension FieldWriter {
    mutating func append(_ allowances: TokenBudget.Allowances) {
        if let requests = allowances.requests { RateLimitFields.requests.append(requests, to: &self) }
        if let tokens = allowances.tokens { RateLimitFields.tokens.append(tokens, to: &self) }
    }
}

extension HTTPFields {
    /// Removes what the engine may have told of allowances of its own.
    mutating func remove(namesOf allowances: TokenBudget.Allowances) {
        // Which hardly any does: not six searches.
        guard spans.contains(where: { RateLimitFields.nameBytes.contains(Int($0.nameEnd - $0.nameStart)) }) else {
            return
        }
        if allowances.requests != nil { RateLimitFields.requests.remove(from: &self) }
        if allowances.tokens != nil { RateLimitFields.tokens.remove(from: &self) }
    }

    mutating func append(_ allowances: TokenBudget.Allowances) {
        var writer = FieldWriter(taking: &self, count: 6, spare: 256)
        writer.append(allowances)
        self = writer.fields
    }

    /// As in `6m0s`, `8.64s` and `17ms`.
    static func text(_ duration: Duration) -> String {
        var bytes: [UInt8] = []
        bytes.append(reset: duration)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// As OpenAI writes durations.
    fileprivate mutating func append(reset duration: Duration) {
        let attosecondsPerMillisecond: Int128 = 1_000_000_000_000_000
        let milliseconds = Int(
            clamping: (duration.attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond)
        let seconds = milliseconds / 1000
        if milliseconds < 1000 {
            append(decimal: milliseconds)
            append(UInt8(ascii: "m"))
        } else if seconds >= 60 {
            append(decimal: seconds / 60)
            append(UInt8(ascii: "m"))
            append(decimal: seconds % 60)
        } else {
            append(decimal: seconds)
            let hundredths = milliseconds % 1000 / 10
            if hundredths > 0 {
                append(UInt8(ascii: "."))
                if hundredths < 10 { append(UInt8(ascii: "0")) }
                append(decimal: hundredths)
            }
        }
        append(UInt8(ascii: "s"))
    }
}
