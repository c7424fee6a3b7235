import HTTP
import JSON
import Synchronization

@testable import slipway

/// Answers each request as the test says, and keeps the requests.
final class ScriptedTransport: HTTPTransport {
    struct Exchange: Sendable {
        let origin: HTTPOrigin
        let request: HTTPRequest

        var line: String { "\(request.method) \(request.target)" }
        var body: JSONValue {
            guard case .bytes(let bytes) = request.body else { return .null }
            return (try? JSONParser.parse(bytes)) ?? .null
        }
    }

    typealias Answer = @Sendable (Exchange) throws(HTTPTransportError) -> HTTPResponse

    private let answer: Answer
    private let seen = Mutex<[Exchange]>([])

    init(_ answer: @escaping Answer) { self.answer = answer }

    var exchanges: [Exchange] { seen.withLock { $0 } }
    var lines: [String] { exchanges.map(\.line) }

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let exchange = Exchange(origin: origin, request: request)
        seen.withLock { $0.append(exchange) }
        return try answer(exchange)
    }
}

extension HTTPResponse {
    /// A problem document, as the services send it.
    static func problem(_ status: HTTPStatus, _ detail: String, errors: JSONValue = []) -> HTTPResponse {
        .json(status, ["detail": .string(detail), "errors": errors, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"])
    }
}
