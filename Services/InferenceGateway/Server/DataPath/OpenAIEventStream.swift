import HTTP
import InferenceGatewayCore
import JSON
import Synchronization

/// A stream of OpenAI's events that says so when it breaks off: one more event with OpenAI's error object, and then the
/// connection ends without the proper end of the body. Clients raise the error by the first, proxies see the second.
///
/// Only whole events are passed on, since nothing can be added behind half of one. Engines send whole ones as a rule,
/// and those pass untouched; of one that comes in pieces nobody could make use before its end anyway.
final class OpenAIEventStream: ByteStream {
    /// Of an event that has not ended; beyond this, its bytes are passed on as they come.
    static let maximumHeldBytes = 256 * 1024

    private let source: any ByteStream
    private let service: String
    private let state = Mutex(State())

    private struct State {
        var events = WholeEvents(maximumHeldBytes: OpenAIEventStream.maximumHeldBytes)
        /// What is still to be thrown, when the event that tells of it is out.
        var failure: HTTPBodyError?
    }

    init(_ source: any ByteStream, of service: String) {
        self.source = source
        self.service = service
    }

    func next() async throws -> [UInt8]? {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        do {
            while let piece = try await source.next() {
                if let whole = state.withLock({ $0.events.pass(piece) }) { return whole }
            }
            return state.withLock { $0.events.takeRest() }
        } catch {
            guard !Task.isCancelled, let failure = error as? HTTPBodyError, failure != .cancelled,
                state.withLock({ state in
                    guard state.events.mayBeFollowed else { return false }
                    state.failure = failure
                    return true
                })
            else { throw error }
            return Array("data: \(errorObject(failure))\n\n".utf8)
        }
    }

    func cancel() { source.cancel() }

    private func errorObject(_ failure: HTTPBodyError) -> String {
        let engine = "The engine of the service \"\(service)\""
        let (refusal, what): (Refusal, String) =
            switch failure {
            case .tooSlow: (.upstreamTimedOut(service: service), "\(engine) stopped answering")
            case .requestBodyFailed(let error):
                (Refusal(error), "The request's body did not come whole, and the answer ended")
            case .incomplete, .tooLarge, .cancelled: (.upstreamFailed(service: service), "\(engine) broke off")
            }
        return JSONWriter.text(
            [
                "error": [
                    "message": .string("\(what) in mid-stream; what came is not complete."),
                    "type": .string(refusal.openAIType), "param": nil, "code": .string(refusal.code),
                ]
            ])
    }
}
