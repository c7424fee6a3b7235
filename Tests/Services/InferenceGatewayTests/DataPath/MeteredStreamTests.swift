import HTTP
import InferenceGatewayCore
import JSON
import Synchronization
import Testing

@testable import InferenceGateway

@Suite struct MeteredStreamTests {
    /// A stream whose first piece comes when the test lets it.
    private final class HeldStream: ByteStream {
        private let gate = AsyncStream<Never>.makeStream()
        private let rest = PieceStream(["", "data: 1\n\n", "data: 2\n\n"])

        func open() { gate.continuation.finish() }

        func next() async throws -> [UInt8]? {
            for await _ in gate.stream {}
            return try await rest.next()
        }

        func cancel() { open() }
    }

    private func times(of body: HTTPBody, type: String = "text/event-stream", at path: String) async throws
        -> (head: DurationHistogram, token: DurationHistogram)
    {
        let gateway = GatewayFixture { _, _ in HTTPResponse(.ok, fields: ["Content-Type": type], body: body) }
        _ = try await gateway.send(.post, path, body: HTTPBody(#"{"model":"open"}"#)).text()
        let counts = try #require(gateway.counts(of: "open"))
        return (counts.firstBytes, counts.firstTokens)
    }

    @Test(arguments: ["/v1/chat/completions", "/services/open/x", "/v2/models/open/generate_stream"])
    func theFirstTokenOfAStreamIsItsFirstPieceAndNotItsHead(path: String) async throws {
        let stream = HeldStream()
        let gateway = GatewayFixture(samplePercent: 100) { _, _ in
            HTTPResponse(.ok, fields: ["Content-Type": "text/event-stream"], body: .stream(stream, length: nil))
        }
        let response = await gateway.send(.post, path, body: HTTPBody(#"{"model":"open"}"#))
        let wait = Duration.milliseconds(20)
        try await Task.sleep(for: wait)
        stream.open()
        _ = try await response.text()
        let counts = try #require(gateway.counts(of: "open"))
        #expect(counts.firstTokens.count == 1)
        #expect(counts.firstTokens.sum >= counts.firstBytes.sum + wait)
        #expect(counts.firstTokens.sum <= counts.durations.sum)
        let line = try JSONParser.parse(
            String(decoding: try #require(gateway.accessLog.take().pieces.first), as: UTF8.self))
        guard case .number(let milliseconds) = line["first_token_ms"] else {
            Issue.record("the line should tell of the first token")
            return
        }
        #expect(milliseconds >= 20)
    }

    @Test func aStreamThatCameWithItsHeadHasItsFirstTokenThen() async throws {
        let times = try await times(of: HTTPBody("data: 1\n\n"), at: "/services/open/x")
        #expect(times.token.count == 1 && times.token.sum == times.head.sum)
    }

    @Test func answersThatAreNoStreamsOfEventsHaveNoFirstToken() async throws {
        let stream = HTTPBody.stream(PieceStream(["{}"]), length: 2)
        #expect(try await times(of: stream, type: "application/json", at: "/services/open/x").token.count == 0)
        #expect(try await times(of: HTTPBody("{}"), type: "application/json", at: "/v1/embeddings").token.count == 0)
    }

    @Test func aStreamOfWhichNothingCameHasNoFirstToken() async throws {
        let gateway = GatewayFixture { _, _ in
            HTTPResponse(
                .ok, fields: ["Content-Type": "text/event-stream"],
                body: .stream(PieceStream([], failure: .incomplete("reset")), length: nil))
        }
        _ = try? await gateway.send(.get, "/services/open/x").text()
        #expect(gateway.counts(of: "open")?.firstTokens.count == 0)
        #expect(gateway.counts(of: "open")?.total == 1)
    }
}
