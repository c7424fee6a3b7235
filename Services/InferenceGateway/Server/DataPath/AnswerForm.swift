import HTTP
import InferenceGatewayCore

/// What an answer's head says of its body, as far as counting goes by it.
struct AnswerForm: Hashable {
    /// Nil of an error, or of anything else that tells of no tokens.
    private(set) var content: TokenUsage.Content?
    private(set) var isCompressed = false

    /// Of an answer that is not looked at.
    static let unknown = Self()

    private init() {}

    init(_ response: borrowing HTTPResponse) {
        guard (200..<300).contains(response.status.code) else { return }
        // Without a text of each, since most answers are asked this.
        let storage = response.fields.storage.span
        var hasType = false
        for span in response.fields.spans {
            let nameBytes = span.nameEnd - span.nameStart
            if nameBytes == 12, !hasType, span.isNamed("content-type", in: storage) {
                hasType = true
                if span.valueBegins(with: "application/json", in: storage) {
                    content = .document
                } else if span.valueBegins(with: "text/event-stream", in: storage) {
                    content = .events
                }
            }
            if nameBytes == 16, span.isNamed("content-encoding", in: storage) {
                isCompressed = !span.valueBegins(with: "identity", in: storage)
            }
        }
    }
}
