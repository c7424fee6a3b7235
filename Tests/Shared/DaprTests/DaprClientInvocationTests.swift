import Dapr
import HTTP
import Testing
import TestSupport

@Suite struct DaprClientInvocationTests {
    private func client(_ transport: ScriptedTransport, token: String? = nil) -> DaprClient {
        DaprClient(
            transport: transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: "pg1",
            apiToken: token)
    }

    private func invoke(_ transport: ScriptedTransport) async throws -> HTTPResponse {
        try await client(transport).invoke("app-b", HTTPRequest(.get, "/x"), deadline: .seconds(5))
    }

    @Test func returnsWhateverTheCalleeAnswers() async throws {
        let recorded = RecordedExchange.all.filter { $0.name.hasPrefix("invoke.status.") }
        #expect(recorded.count > 18)
        for exchange in recorded {
            let response = try await invoke(ScriptedTransport(.response(exchange.response)))
            #expect(response.status.code == exchange.status)
            #expect(response.fields["X-App-Header"] == "from-app")
            let body = try await response.body.collect(limitBytes: 1 << 16)
            #expect(String(decoding: body, as: UTF8.self) == exchange.responseBody)
        }
    }

    @Test(arguments: [
        ("invoke.unknown-app", "no host found"), ("invoke.callee-app-down", "connection refused"),
        ("invoke.callee-app-down.POST", "connection refused"), ("invoke.callee-app-not-listening", "refused"),
        ("invoke.app.closes-connection", "EOF"), ("invoke.callee-daprd-down", "after 3 retries"),
        ("invoke.app-unhealthy", "not in a healthy state"),
    ])
    func saysThatTheAppIsAwayWhereTheSidecarSaysSo(name: String, word: String) async throws {
        let transport = try ScriptedTransport(name)
        let error = await #expect(throws: DaprError.self) { try await invoke(transport) }
        guard case .appUnavailable("app-b", let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains(word))
    }

    @Test(arguments: [
        (
            "invoke.bigrequest.5MB",
            DaprError.tooLarge("failed to invoke, id: app-b, err: stream too large")
        ),
        ("http.big-header.9k", .tooLarge("the request's head is longer than the sidecar's read buffer")),
        ("token.missing", .unauthorized),
        (
            "invoke.path.nomethod",
            .rejected(
                code: "ERR_DIRECT_INVOKE",
                message: "failed getting app id either from the URL path or the header dapr-app-id")
        ),
        ("state.get.badpct", .rejected(code: "BAD_REQUEST", message: "400 Bad Request")),
    ])
    func throwsWhatTheSidecarItselfSays(name: String, expected: DaprError) async throws {
        let transport = try ScriptedTransport(name)
        await #expect(throws: expected) { try await invoke(transport) }
    }

    @Test(arguments: [
        (500, "application/problem+json", #"{"errorCode":"ERR_DIRECT_INVOKE","message":"not the sidecar's form"}"#),
        (500, "application/json", #"{"errorCode":"ERR_STATE_SAVE","message":"the callee's own trouble"}"#),
        (500, "application/json", "not json at all"), (401, "text/plain", "who are you\n"),
        (503, "application/json", #"{"errorCode":"ERR_DIRECT_INVOKE","message":"x"}"#),
    ])
    func doesNotMistakeTheCalleesErrorForTheSidecars(status: Int, type: String, body: String) async throws {
        let answer = HTTPResponse(HTTPStatus(status), fields: ["Content-Type": type], body: HTTPBody(body))
        let response = try await invoke(ScriptedTransport(.response(answer)))
        #expect(response.status.code == status)
        #expect(try await response.body.collect(limitBytes: 1 << 16) == Array(body.utf8))
    }

    @Test func passesBodiesThroughAsStreams() async throws {
        let answer = HTTPResponse(
            .internalServerError, fields: ["Content-Type": "application/json"],
            body: .stream(PieceStream(["one", "two"]), length: nil))
        let transport = ScriptedTransport(.response(answer))
        let request = HTTPRequest(.post, "/upload", body: .stream(PieceStream(["a"]), length: nil))
        let response = try await client(transport).invoke("app-b", request, deadline: .seconds(5))
        guard case .stream(let stream, nil) = response.body, case .stream? = transport.requests.first?.body else {
            Issue.record("a body was collected")
            return
        }
        #expect(try await stream.next() == Array("one".utf8))
    }

    @Test func addressesTheMethodAndSendsOnlyItsOwnIdentity() async throws {
        let transport = try ScriptedTransport("invoke.status.200")
        var request = HTTPRequest(.get, "/models/1?x=a%20b&y=%2F")
        request.fields.append("Dapr-Caller-App-Id", "spoofed")
        request.fields.append("dapr-api-token", "of somebody else")
        request.fields.append("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        _ = try await client(transport, token: "secret1").invoke("model management", request, deadline: .seconds(5))
        let sent = try #require(transport.requests.first)
        #expect(sent.target == "/v1.0/invoke/model%20management/method/models/1?x=a%20b&y=%2F")
        #expect(!sent.fields.contains("dapr-caller-app-id"))
        #expect(sent.fields.values("dapr-api-token") == ["secret1"])
        #expect(sent.fields.contains("traceparent"))
    }

    @Test func boundsTheWaitForTheHead() async throws {
        let client = client(ScriptedTransport(.silence))
        let error = await #expect(throws: DaprError.self) {
            try await client.invoke("app-b", HTTPRequest(.get, "/x"), deadline: .milliseconds(20))
        }
        guard case .deadlineExceeded = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
