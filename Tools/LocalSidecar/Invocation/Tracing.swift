import HTTP
import Observability

/// What daprd does with trace contexts; it depends on `tracing.samplingRate` of its Configuration.
enum Tracing: Hashable, Sendable {
    /// Nothing is set: a context of zeros is sent on where the caller gave none.
    case unset
    /// The rate is 0: the caller's context passes as it is.
    case off
    /// Each hop has a span of its own.
    case on

    static let zero = "00-00000000000000000000000000000000-0000000000000000-00"

    init(samplingRate: String?) {
        guard let samplingRate else {
            self = .unset
            return
        }
        self = (Double(samplingRate) ?? 0) > 0 ? .on : .off
    }

    /// The contexts for the answer and for the callee; nil where the field is not sent.
    func contexts(for request: HTTPRequest) -> (answer: String?, callee: String?) {
        let given = request.fields["traceparent"]
        switch self {
        case .unset: return (given ?? Self.zero, given ?? Self.zero)
        case .off: return (nil, given)
        case .on:
            var generator = SystemRandomNumberGenerator()
            let caller = given.flatMap(TraceContext.init(traceparent:)) ?? TraceContext(using: &generator)
            return (
                caller.child(using: &generator).traceparent, caller.child(using: &generator).traceparent
            )
        }
    }
}
