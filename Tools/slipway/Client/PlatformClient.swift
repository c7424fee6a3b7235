import HTTP
import JSON

/// Calls the platform's APIs, and turns what goes wrong into something a user can act on.
struct PlatformClient: Sendable {
    /// Bytes of one answer.
    static let maximumAnswerSize = 16 << 20
    static let deadlines = HTTPDeadlines(connect: .seconds(2), firstByte: .seconds(30), idle: .seconds(30))

    struct Answer: Sendable {
        let status: HTTPStatus
        let etag: String?
        /// `.null` if there was no body.
        let body: JSONValue
    }

    let transport: any HTTPTransport
    let settings: Settings

    /// Sends a request with the user's key, and takes only a 2xx for an answer.
    func call(
        _ method: HTTPMethod, _ target: String, of server: Settings.Server, body: JSONValue? = nil,
        fields: HTTPFields = [:]
    ) async throws(CommandFailure) -> Answer {
        var request = HTTPRequest(method, target, fields: fields)
        request.fields.append("Authorization", "Bearer \(try settings.credential())")
        if let body {
            request.fields.append("Content-Type", "application/json")
            request.body = .bytes(JSONWriter.bytes(body))
        }
        let response = try await send(request, to: server)
        let bytes = try await collect(response.body, from: server)
        guard response.status.isSuccess else { throw Self.failure(status: response.status, body: bytes) }
        do throws(JSONError) {
            let body: JSONValue = bytes.isEmpty ? .null : try JSONParser.parse(bytes)
            return Answer(status: response.status, etag: response.fields["ETag"], body: body)
        } catch {
            throw CommandFailure(.failed, "\(server.rawValue) answered something that is not JSON: \(error.message).")
        }
    }

    /// Sends a request as it is, and returns whatever comes back.
    func send(_ request: HTTPRequest, to server: Settings.Server) async throws(CommandFailure) -> HTTPResponse {
        let origin = settings.origin(of: server)
        do throws(HTTPTransportError) {
            return try await transport.send(request, to: origin, deadlines: Self.deadlines)
        } catch {
            throw Self.unreachable(server, at: origin, error)
        }
    }

    func collect(_ body: HTTPBody, from server: Settings.Server) async throws(CommandFailure) -> [UInt8] {
        do {
            return try await body.collect(limitBytes: Self.maximumAnswerSize)
        } catch {
            throw CommandFailure(.unavailable, "The answer of \(server.rawValue) did not arrive whole.")
        }
    }

    private static func unreachable(
        _ server: Settings.Server, at origin: HTTPOrigin, _ error: HTTPTransportError
    ) -> CommandFailure {
        switch error {
        case .connectFailed:
            CommandFailure(
                .unavailable, "\(server.rawValue) does not answer at \(origin).",
                hints: [
                    "Is it running? slipway dev starts everything on this machine.",
                    "If it runs elsewhere, pass --\(server.flag) URL or set \(server.variable).",
                ])
        case .failed(let reason):
            CommandFailure(.unavailable, "The connection to \(server.rawValue) at \(origin) broke: \(reason).")
        case .requestBodyFailed(let error):
            CommandFailure(.failed, "The request to \(server.rawValue) could not be sent whole: \(error).")
        case .timedOut:
            CommandFailure(.unavailable, "\(server.rawValue) at \(origin) took too long to answer.")
        case .cancelled:
            CommandFailure(.failed, "Cancelled.")
        }
    }

    /// Reads `application/problem+json`, OpenAI's error object and `{"error": "…"}`.
    static func failure(status: HTTPStatus, body: [UInt8]) -> CommandFailure {
        let document = (try? JSONParser.parse(body)) ?? .null
        let error = document["error"]
        let detail =
            document["detail"]?.stringValue ?? error?["message"]?.stringValue ?? error?.stringValue
            ?? "The server answered \(status) \(status.reasonPhrase)."
        var hints = (document["errors"]?.arrayValue ?? []).compactMap { problem in
            problem["field"]?.stringValue.map { "\($0): \(problem["message"]?.stringValue ?? "is wrong")" }
        }
        // One wrong field is told by the detail already.
        if hints.count == 1 { hints = [] }
        let remark = "; see errors."
        let message = !hints.isEmpty && detail.hasSuffix(remark) ? detail.dropLast(remark.count) + "." : detail
        if let action = document["operator_action"]?.stringValue { hints.append(action) }
        if status.code >= 500, let trace = document["trace_id"]?.stringValue { hints.append("trace id: \(trace)") }
        return CommandFailure(exitStatus(status), message, hints: hints)
    }

    private static func exitStatus(_ status: HTTPStatus) -> CommandStatus {
        switch status.code {
        case 400, 413, 415, 422: .usage
        case 401, 403: .notAllowed
        case 404, 410: .notFound
        case 409, 412: .conflict
        case 429, 502, 503: .unavailable
        case 504: .timedOut
        default: .failed
        }
    }
}
