import HTTP
import InferenceGatewayCore

extension HTTPFields {
    /// What is left of what the caller's token grants, in OpenAI's fields.
    mutating func append(_ allowances: [TokenBudget.Allowance]) {
        for allowance in allowances {
            let kind = allowance.kind.rawValue
            set("x-ratelimit-limit-\(kind)", String(allowance.limit))
            set("x-ratelimit-remaining-\(kind)", String(allowance.remaining))
            set("x-ratelimit-reset-\(kind)", Self.text(allowance.reset))
        }
    }

    /// As in `6m0s`, `8.64s` and `17ms`.
    static func text(_ duration: Duration) -> String {
        let milliseconds = Int64((duration / .milliseconds(1)).rounded(.up))
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000 % 60
        if milliseconds >= 60_000 { return "\(milliseconds / 60_000)m\(seconds)s" }
        let hundredths = milliseconds % 1000 / 10
        return hundredths == 0 ? "\(seconds)s" : "\(seconds).\(hundredths < 10 ? "0" : "")\(hundredths)s"
    }
}
