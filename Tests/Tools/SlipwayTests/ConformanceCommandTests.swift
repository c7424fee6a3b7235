import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct ConformanceCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A server of the Open Inference Protocol with the model `iris`, whose answers can be replaced.
    private static func v2(_ replaced: [String: HTTPResponse] = [:]) -> ScriptedTransport {
        ScriptedTransport { exchange in
            if let answer = replaced[exchange.line] { return answer }
            let tensor: JSONValue = ["name": "x", "datatype": "FP32", "shape": [-1, 4]]
            switch exchange.line {
            case "GET /v2/health/live": return .json(200, ["live": true])
            case "GET /v2/health/ready", "GET /v2/models/iris/ready", "GET /v2/models/iris/versions/1/ready":
                return .json(200, ["ready": true])
            case "GET /v2": return .json(200, ["name": "s", "version": "1", "extensions": []])
            case "GET /v2/models/iris", "GET /v2/models/iris/versions/1":
                return .json(
                    200,
                    ["name": "iris", "platform": "p", "versions": ["1"], "inputs": [tensor], "outputs": [tensor]])
            case "POST /v2/models/iris/infer", "POST /v2/models/iris/versions/1/infer":
                guard case .bytes(let bytes) = exchange.request.body, let body = try? JSONParser.parse(bytes),
                    let id = body["id"]?.stringValue
                else { return .json(400, ["error": "no inputs"]) }
                return .json(
                    200,
                    [
                        "model_name": "iris", "id": .string(id),
                        "outputs": [["name": "y", "datatype": "FP32", "shape": [1], "data": [0]]],
                    ])
            default: return .json(exchange.line.contains("/models/") ? 404 : 405, ["error": "unknown"])
            }
        }
    }

    private final class BrokenStream: ByteStream {
        func next() async throws -> [UInt8]? { throw HTTPBodyError.incomplete("reset") }
        func cancel() {}
    }

    private func run(_ transport: ScriptedTransport, _ words: String...) async -> CommandRun {
        await CommandRun(words: ["conformance"] + words, in: folder, transport: transport)
    }

    @Test func aServerThatDoesAllOfItPasses() async throws {
        let transport = Self.v2()
        let run = await run(transport, "http://h:9", "--protocol", "v2", "--model", "iris", "--token", "t")
        #expect(run.status == .succeeded, "\(run.output)\(run.notes)")
        #expect(run.output.contains("infer of a version"))
        #expect(!run.output.contains(" fail "))
        #expect(transport.exchanges.allSatisfy { $0.request.fields["Authorization"] == "Bearer t" })
        // The unknown dimension of the metadata is one.
        let inference = try #require(transport.exchanges.first { $0.line == "POST /v2/models/iris/infer" })
        let body = try JSONParser.parse(try await inference.request.body.collect(limitBytes: 1000))
        #expect(body["inputs"]?.arrayValue?.first?["shape"] == [1, 4])
        #expect(body["inputs"]?.arrayValue?.first?["data"]?.arrayValue?.count == 4)
    }

    @Test(arguments: [("v2", "/v2/health/live"), ("openai", "/v1/models")])
    func aServerThatIsNotThereIsNoServerThatFails(spoken: String, path: String) async {
        let transport = ScriptedTransport { _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        let run = await run(transport, "http://h:9/prefix/", "--protocol", spoken)
        #expect(run.status == .unavailable)
        #expect(transport.lines == ["GET /prefix\(path)"])
        #expect(run.notes.contains("refused"))
        #expect(run.output.isEmpty)
    }

    /// What a server says is shown in the table, and does not command the terminal.
    @Test func namesOfAServerAreShownWithoutTheirControlCharacters() async {
        let transport = ScriptedTransport { exchange in
            guard exchange.line == "GET /v1/models" else { return .json(404, [:]) }
            return .json(200, ["object": "list", "data": [["id": "m\u{1B}[2J", "object": "model"]]])
        }
        let run = await run(transport, "http://h:9", "--protocol", "openai")
        #expect(run.output.contains("m\u{FFFD}[2J"))
        #expect(!run.output.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    }

    @Test(arguments: [
        ("GET /v2/health/live", HTTPResponse.json(503, [:]), CommandStatus.failed),
        // Somebody is there.
        ("GET /v2/health/live", HTTPResponse(.ok, body: .stream(BrokenStream(), length: nil)), .failed),
        ("GET /v2/models/iris/ready", .json(200, [:]), .succeeded),
        ("GET /v2/models/iris/ready", .json(404, [:]), .failed),
        ("GET /v2/models/iris", .json(200, ["name": "other"]), .failed),
        ("GET /v2/models/no-such-model-8d1f", .json(404, ["detail": "x"]), .failed),
        ("GET /v2/models/no-such-model-8d1f", .json(200, [:]), .failed),
        ("POST /v2/models/iris/infer", .json(200, [:]), .failed),
    ])
    func onlyRequiredPointsFailTheRun(line: String, answer: HTTPResponse, status: CommandStatus) async {
        let run = await run(Self.v2([line: answer]), "http://h:9", "--protocol", "v2", "--model", "iris")
        #expect(run.status == status)
        #expect(run.output.contains(" fail "))
    }

    @Test func openAIsErrorsAndStreamsAreLookedAt() async throws {
        let transport = ScriptedTransport { exchange in
            switch exchange.line {
            case "GET /v1/models":
                return .json(
                    200,
                    [
                        "object": "list",
                        "data": [["id": "m", "object": "model", "created": 1, "owned_by": "o"]],
                    ])
            case "POST /v1/chat/completions":
                // Answers for any model, as some engines do.
                let chunk = #"{"object":"chat.completion.chunk","choices":[{"delta":{"content":"x"}}]}"#
                return HTTPResponse(
                    200, fields: ["Content-Type": "text/event-stream"], body: HTTPBody("data: \(chunk)\n\n"))
            default: return .json(404, [:])
            }
        }
        let run = await run(transport, "http://h:9", "--protocol", "openai", "--output", "json")
        #expect(run.status == .failed)
        let checks = try #require(try JSONParser.parse(Array(run.output.utf8))["checks"]?.arrayValue)
        let results = Dictionary(
            checks.map { ($0["check"]?.stringValue ?? "", $0["result"]?.stringValue ?? "") },
            uniquingKeysWith: { first, _ in first })
        #expect(results["list of models"] == "pass")
        #expect(results["unknown model"] == "fail")
        #expect(results["stream"] == "pass")
        #expect(results["stream, end"] == "fail")
        #expect(results["one model"] == "fail")
    }

    @Test(arguments: [(401, "pass"), (403, "fail"), (200, "skipped")])
    func aWrongTokenIsTriedWhereTokensAreNeeded(status: Int, result: String) async throws {
        let transport = ScriptedTransport { exchange in
            exchange.request.fields["Authorization"] == "Bearer t"
                ? .json(200, [:]) : .json(HTTPStatus(status), ["error": ["message": "m", "type": "t"]])
        }
        let run = await run(
            transport, "http://h:9", "--protocol", "openai", "--model", "m", "--token", "t", "--output", "json")
        let checks = try #require(try JSONParser.parse(Array(run.output.utf8))["checks"]?.arrayValue)
        #expect(checks.first { $0["check"] == "wrong token" }?["result"] == .string(result))
        // The endpoint's own token is in none of what is shown.
        #expect(!run.output.contains("Bearer"))
    }

    @Test(arguments: [["http://h:9"], ["nonsense", "--protocol", "v2"], ["http://h:9", "--protocol", "v3"]])
    func aWrongCommandLineIsToldApart(words: [String]) async {
        let run = await CommandRun(words: ["conformance"] + words, in: folder, transport: Self.v2())
        #expect(run.status == .usage)
    }

    @Test func aConnectionThatClosesIsTriedOnceMore() async {
        let transport = ScriptedTransport { _ throws(HTTPTransportError) in throw .failed("closed") }
        let run = await run(transport, "http://h:9", "--protocol", "v2")
        #expect(run.output.contains("no answer: closed"))
        let live = "GET /v2/health/live"
        #expect(Array(transport.lines.prefix(5)) == [live, live, live, live, "GET /v2/health/ready"])
    }
}
