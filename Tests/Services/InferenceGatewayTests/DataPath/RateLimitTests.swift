import HTTP
import InferenceGatewayCore
import JSON
import Testing

@testable import InferenceGateway

@Suite struct RateLimitTests {
    private static let answer = #"{"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":12}}"#

    private func gateway(
        requests: Int? = nil, tokens: Int? = nil, _ answer: @escaping FakeTransport.Answer = RateLimitTests.chat
    ) -> GatewayFixture {
        let gateway = GatewayFixture(answer)
        let limits = TokenBudget.Limits(requestsPerMinute: requests, tokensPerMinute: tokens)
        gateway.routes.replace(with: [
            GatewayFixture.entry("chat", isPublic: false, tokens: ["t": .never], limits: limits, instances: [1])
        ])
        return gateway
    }

    private static let chat: FakeTransport.Answer = { _, _ in
        HTTPResponse(.ok, fields: ["Content-Type": "application/json"], body: HTTPBody(answer))
    }

    private func ask(_ gateway: GatewayFixture, _ path: String = "/v1/chat/completions") async -> HTTPResponse {
        await gateway.send(.post, path, ["Authorization": "Bearer t"], body: HTTPBody(#"{"model":"chat"}"#))
    }

    @Test func requestsBeyondTheLimitAreRefusedInOpenAIsWords() async throws {
        let gateway = gateway(requests: 2)
        let first = await ask(gateway)
        #expect(first.status == .ok)
        #expect(first.fields["x-ratelimit-limit-requests"] == "2")
        #expect(first.fields["x-ratelimit-remaining-requests"] == "1")
        #expect(first.fields["x-ratelimit-limit-tokens"] == nil)
        #expect(await ask(gateway).status == .ok)
        let refused = await ask(gateway)
        #expect(refused.status == .tooManyRequests)
        #expect(["29", "30"].contains(refused.fields["Retry-After"]))
        #expect(refused.fields["x-ratelimit-remaining-requests"] == "0")
        let error = try #require(try await refused.json().objectValue?["error"]?.objectValue)
        #expect(error["type"] == "requests")
        #expect(error["code"] == "rate_limit_exceeded")
        #expect(error["param"] == .null)
        #expect(gateway.transport.requests.count == 2)
        #expect(gateway.refusals.snapshot.map(\.reason) == ["rate_limit_exceeded"])
    }

    @Test func tokensOfAnswersCountAgainstTheLimit() async throws {
        let gateway = gateway(tokens: 50)
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "50")
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "8")
        let refused = await ask(gateway)
        #expect(refused.status == .tooManyRequests)
        #expect(try await refused.json().objectValue?["error"]?.objectValue?["type"] == "tokens")
    }

    @Test func whatTheEngineTellsOfItsOwnLimitsIsReplaced() async {
        let gateway = gateway(requests: 2) { _, _ in
            HTTPResponse(.ok, fields: ["X-RateLimit-Limit-Requests": "7", "x-ratelimit-limit-tokens": "8"])
        }
        let fields = await ask(gateway).fields
        #expect(fields.values("x-ratelimit-limit-requests") == ["2"])
        #expect(fields.values("x-ratelimit-limit-tokens") == ["8"])
    }

    @Test func aStreamThatDoesNotTellItsTokensCountsByItsEvents() async throws {
        let gateway = gateway(tokens: 50) { _, _ in
            let events = (0..<40).map { "data: {\"n\":\($0)}\n\n" }
            return HTTPResponse(
                .ok, fields: ["Content-Type": "text/event-stream"], body: .stream(PieceStream(events), length: nil))
        }
        _ = try await ask(gateway).text()
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "10")
    }

    @Test func contentTypesAreReadWhateverTheirCase() async throws {
        let gateway = gateway(tokens: 100) { _, _ in
            HTTPResponse(.ok, fields: ["Content-Type": "Application/JSON"], body: HTTPBody(Self.answer))
        }
        _ = await ask(gateway)
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "58")
        #expect(gateway.counts(of: "chat")?.promptTokens == 60)
    }

    @Test(arguments: ["application/json", "text/event-stream"], [false, true])
    func anAnswerThatCannotBeReadCountsByItsSize(type: String, isStream: Bool) async throws {
        let gateway = gateway(tokens: 100) { _, _ in
            let packed = String(repeating: "\n", count: 160)
            return HTTPResponse(
                .ok, fields: ["Content-Type": type, "Content-Encoding": "gzip"],
                body: isStream ? .stream(PieceStream([packed]), length: nil) : HTTPBody(packed))
        }
        _ = try await ask(gateway).text()
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "60")
        #expect(gateway.counts(of: "chat")?.completionTokens == 0)
    }

    @Test func anAnswerThatIsSaidToBePackedInNoWayIsRead() async throws {
        let gateway = gateway(tokens: 100) { _, _ in
            HTTPResponse(
                .ok, fields: ["Content-Type": "application/json", "Content-Encoding": "Identity"],
                body: HTTPBody(Self.answer))
        }
        _ = await ask(gateway)
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "58")
    }

    @Test func countsWithMuchBehindThemAreFoundInAnAnswerInPieces() async throws {
        let rest = (0..<10).map { _ in String(repeating: "1,", count: 1000) }
        let pieces = [#"{"usage":{"prompt_tokens":30,"completion_tokens":12},"prompt_token_ids":["#] + rest + ["1]}"]
        let gateway = gateway(tokens: 100) { _, _ in
            HTTPResponse(
                .ok, fields: ["Content-Type": "application/json"], body: .stream(PieceStream(pieces), length: nil))
        }
        _ = try await ask(gateway).text()
        #expect(await ask(gateway).fields["x-ratelimit-remaining-tokens"] == "58")
    }

    @Test func otherProtocolsAreLimitedInTheirOwnWords() async throws {
        let gateway = gateway(requests: 1)
        _ = await ask(gateway)
        let open = await ask(gateway, "/v2/models/chat/infer")
        #expect(open.status == .tooManyRequests)
        #expect(open.fields["Retry-After"] == "60")
        #expect(try await open.json().objectValue?["error"]?.stringValue?.hasPrefix("The token grants 1") == true)
        let plain = await ask(gateway, "/services/chat/x")
        #expect(plain.fields["Content-Type"] == "application/problem+json")
    }

    @Test func whatTheGatewayAnswersItselfCostsNothing() async {
        let gateway = gateway(requests: 1)
        for _ in 0..<5 { _ = await gateway.send(.get, "/v1/models/chat", ["Authorization": "Bearer t"]) }
        #expect(await ask(gateway).status == .ok)
    }

    @Test(arguments: [
        (0, "0ms"), (17, "17ms"), (999, "999ms"), (1000, "1s"), (8640, "8.64s"), (1050, "1.05s"), (60_000, "1m0s"),
        (432_100, "7m12s"),
    ])
    func durationsReadAsOpenAIWritesThem(milliseconds: Int, text: String) {
        #expect(HTTPFields.text(.milliseconds(milliseconds)) == text)
    }
}
