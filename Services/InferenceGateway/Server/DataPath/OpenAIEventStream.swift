import HTTP
import InferenceGatewayCore
import JSON
import Synchronization

/// A stream of OpenAI's events that says so when it breaks off: one more event with OpenAI's error object, and then the
/// connection ends without the proper end of the body. Clients raise the error by the first, proxies see the second.
final class OpenAIEventStream: ByteStream {
    private let source: any ByteStream
    private let service: String
    private let state = Mutex(State())

    private struct State {
        var place = EventStreamPlace()
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
            guard let piece = try await source.next() else { return nil }
            state.withLock { $0.place.pass(piece) }
            return piece
        } catch {
            guard !Task.isCancelled, let failure = error as? HTTPBodyError, failure != .cancelled,
                let event = state.withLock({ state -> [UInt8]? in
                    guard let separator = state.place.separator else { return nil }
                    state.failure = failure
                    return Array("\(separator)data: \(errorObject(failure))\n\n".utf8)
                })
            else { throw error }
            return event
        }
    }

    func cancel() { source.cancel() }

    private func errorObject(_ failure: HTTPBodyError) -> String {
        let (refusal, sentence): (Refusal, String) =
            switch failure {
            case .tooSlow: (.upstreamTimedOut(service: service), "stopped answering")
            case .incomplete, .tooLarge, .cancelled: (.upstreamFailed(service: service), "broke off")
            }
        return JSONWriter.text(
            [
                "error": [
                    "message": .string(
                        "The engine of the service \"\(service)\" \(sentence) in mid-stream; what came is not complete."
                    ),
                    "type": "server_error", "param": nil, "code": .string(refusal.code),
                ]
            ])
    }
}

/// Where in a stream of events the bytes that have passed end.
struct EventStreamPlace {
    /// The last eight bytes, the very last in the lowest byte; at first as if an event had just ended.
    private var tail: UInt64 = 0x0A0A

    mutating func pass(_ piece: [UInt8]) {
        for byte in piece.suffix(8) { tail = tail << 8 | UInt64(byte) }
    }

    /// What has to come before another event; nil if none can come, in the middle of a line or when all is said.
    var separator: String? {
        // `[DONE]` and an empty line.
        if tail == 0x5B44_4F4E_455D_0A0A || tail == 0x4F4E_455D_0D0A_0D0A { return nil }
        if tail & 0xFFFF == 0x0A0A || tail & 0xFFFF_FFFF == 0x0D0A_0D0A || tail & 0xFFFF == 0x0D0D { return "" }
        return switch tail & 0xFF {
        case 0x0A: "\n"
        case 0x0D: "\n\n"
        default: nil
        }
    }
}

extension HTTPResponse {
    /// Whether events can be added to the body, on the way.
    var isOpenEventStream: Bool {
        guard case .stream(_, nil) = body, let type = fields["Content-Type"] else { return false }
        return type.utf8.count >= 17 && type.prefix(17).lowercased() == "text/event-stream"
            && !fields.contains("Content-Encoding")
    }
}
