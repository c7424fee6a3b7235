import HTTP
import JSON

/// One question to a model, in the words of OpenAI's chat API.
struct ChatQuestion: Hashable, Sendable {
    /// The service's name: the request's `model`.
    var service: String
    var text: String
    var maximumTokens: Int64?
    var isStreamed: Bool

    var body: JSONValue {
        let message: JSONValue = ["role": "user", "content": .string(text)]
        var object = JSONObject([("model", .string(service)), ("messages", .array([message]))])
        object["max_tokens"] = maximumTokens.map { .integer($0) }
        if isStreamed { object["stream"] = true }
        return .object(object)
    }
}

/// Asks through the gateway.
struct ChatClient: Sendable {
    let client: PlatformClient

    /// The whole answer, as the engine gave it.
    func answer(_ question: ChatQuestion, token: String?) async throws(CommandFailure) -> JSONValue {
        let response = try await send(question, token)
        let bytes = try await client.collect(response.body, from: .gateway)
        do throws(JSONError) {
            return try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure(.failed, "The engine's answer is not JSON: \(error.message).")
        }
    }

    /// Hands over each piece of the answer's text as it arrives.
    func stream(
        _ question: ChatQuestion, token: String?, _ take: (String) -> Void
    ) async throws(CommandFailure) {
        let response = try await send(question, token)
        guard case .stream(let pieces, _) = response.body else {
            let bytes = try await client.collect(response.body, from: .gateway)
            var events = ServerSentEvents()
            for event in (try? events.feed(bytes)) ?? [] { try Self.take(event, take) }
            return
        }
        var events = ServerSentEvents()
        do {
            while let bytes = try await pieces.next() {
                for event in try events.feed(bytes) { try Self.take(event, take) }
            }
        } catch let failure as CommandFailure {
            pieces.cancel()
            throw failure
        } catch {
            throw CommandFailure(.unavailable, "The answer broke off.")
        }
    }

    /// The text of a whole answer.
    static func text(of answer: JSONValue) -> String {
        answer["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue ?? ""
    }

    private func send(_ question: ChatQuestion, _ token: String?) async throws(CommandFailure) -> HTTPResponse {
        var request = HTTPRequest(
            .post, "/v1/chat/completions", fields: ["Content-Type": "application/json"],
            body: .bytes(JSONWriter.bytes(question.body)))
        if let token { request.fields.append("Authorization", "Bearer \(token)") }
        let response = try await client.send(request, to: .gateway)
        guard response.status.isSuccess else {
            let body = try await client.collect(response.body, from: .gateway)
            throw PlatformClient.failure(status: response.status, body: body)
        }
        return response
    }

    private static func take(_ event: String, _ take: (String) -> Void) throws(CommandFailure) {
        guard event != "[DONE]" else { return }
        let document = (try? JSONParser.parse(event)) ?? .null
        if let message = document["error"]?["message"]?.stringValue {
            throw CommandFailure(.failed, "The engine broke off: \(message)")
        }
        guard let text = document["choices"]?.arrayValue?.first?["delta"]?["content"]?.stringValue else { return }
        take(text)
    }
}
