import JSON
import TestSupport
import Testing

@testable import InferenceGateway

/// What the HTTP engine refuses before it is a request, in the words of the protocol that it was meant for.
@Suite(.timeLimit(.minutes(1))) struct MalformedRequestTests {
    private func answer(_ request: String) async throws -> (head: String, body: JSONValue) {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(request)
        let answer = await caller.receiveAll()
        await gateway.stop()
        let end = try #require(answer.firstRange(of: "\r\n\r\n"))
        return (String(answer[..<end.lowerBound]), try JSONParser.parse(String(answer[end.upperBound...])))
    }

    private static let tooLarge = "Content-Length: 99999999999\r\n\r\n"
    private static let longField = "A: \(String(repeating: "a", count: 20_000))\r\n\r\n"

    @Test(arguments: [
        ("Transfer-Encoding: gzip\r\n\r\n", 501), ("Expect: tea\r\n\r\n", 417), (tooLarge, 413), (longField, 431),
        ("A : b\r\n\r\n", 400),
    ])
    func isRefusedInOpenAIsWords(fields: String, status: Int) async throws {
        let (head, body) = try await answer("POST /v1/chat/completions?x HTTP/1.1\r\nHost: x\r\n" + fields)
        #expect(head.hasPrefix("HTTP/1.1 \(status) "))
        #expect(head.contains("Content-Type: application/json\r\n") && head.contains("Connection: close\r\n"))
        #expect(head.contains("X-Request-Id: "))
        let error = try #require(body["error"])
        #expect(error["code"] == "malformed_request" && error["type"] == "invalid_request_error")
        #expect(error["param"] == .null && error["message"]?.stringValue?.isEmpty == false)
    }

    @Test func isOneSentenceOnTheOpenInferenceProtocol() async throws {
        let (head, body) = try await answer("POST /v2/models/x/infer HTTP/1.1\r\nHost: x\r\n" + Self.tooLarge)
        #expect(head.hasPrefix("HTTP/1.1 413 ") && head.contains("Content-Type: application/json\r\n"))
        #expect(body["error"]?.stringValue?.isEmpty == false)
    }

    @Test(arguments: ["GET /services/open/x?secret HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"])
    func isAProblemElsewhere(request: String) async throws {
        let (head, body) = try await answer(request)
        #expect(head.hasPrefix("HTTP/1.1 400 ") && head.contains("Content-Type: application/problem+json\r\n"))
        #expect(body["code"] == "malformed_request" && body["status"] == 400)
        #expect(body["instance"] == (request.hasPrefix("GET") ? "/services/open/x" : ""))
    }
}
