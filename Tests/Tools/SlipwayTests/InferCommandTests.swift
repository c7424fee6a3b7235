import HTTP
import JSON
import Synchronization
import Testing

@testable import slipway

@Suite struct InferCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func gateway(token: String, answer: HTTPResponse) -> ScriptedTransport {
        ScriptedTransport { exchange in
            switch (exchange.request.method, exchange.request.path) {
            case (.post, "/v1/chat/completions"):
                guard exchange.request.fields["Authorization"] == "Bearer \(token)" else {
                    return .json(401, ["error": ["message": "This service needs a token."]])
                }
                return answer
            case (.get, "/model_services"): return .json(200, ["model_services": [["name": "tiny", "id": "1"]]])
            case (.post, "/model_services/1/tokens"): return .json(201, ["id": "t", "token": "fresh"])
            default: return .problem(404, "No route \(exchange.line).")
            }
        }
    }

    private static let answer = HTTPResponse.json(
        200, ["choices": [["message": ["role": "assistant", "content": "I am a tiny model."]]]])

    @Test func asksWithTheTokenOfTheEnvironment() async {
        let transport = Self.gateway(token: "mine", answer: Self.answer)
        let run = await CommandRun(
            "infer", "tiny", "who are you", in: folder, environment: ["SLIPWAY_TOKEN": "mine"], transport: transport)
        #expect(run.status == .succeeded)
        #expect(run.output == "I am a tiny model.\n")
        #expect(transport.exchanges.first?.body.cell("model") == "tiny")
        #expect(transport.exchanges.first?.origin.port == 8088)
    }

    @Test func makesATokenOnceAndKeepsIt() async {
        let transport = Self.gateway(token: "fresh", answer: Self.answer)
        let first = await CommandRun("infer", "tiny", "hello", in: folder, transport: transport)
        #expect(first.output == "I am a tiny model.\n")
        #expect(first.notes.contains("Made an endpoint token for tiny"))
        #expect(!first.notes.contains("fresh"))
        #expect(folder.permissions(".slipway/tokens/tiny") == 0o600)
        let second = await CommandRun("infer", "tiny", "hello", in: folder, transport: transport)
        #expect(second.notes == "")
        #expect(transport.lines.filter { $0.hasPrefix("POST /model_services") }.count == 1)
    }

    @Test func givesUpWhenTheNewTokenIsRefusedToo() async {
        let transport = ScriptedTransport { exchange in
            switch (exchange.request.method, exchange.request.path) {
            case (.post, "/v1/chat/completions"): return .json(401, ["error": ["message": "Unknown token."]])
            case (.get, "/model_services"): return .json(200, ["model_services": [["name": "tiny", "id": "1"]]])
            default: return .json(201, ["id": "t", "token": "fresh"])
            }
        }
        let run = await CommandRun("infer", "tiny", "hello", in: folder, transport: transport)
        #expect(run.status == .notAllowed)
        #expect(run.notes.hasSuffix("slipway: Unknown token.\n"))
        #expect(transport.lines.filter { $0.hasPrefix("POST /v1") }.count == 2)
    }

    @Test func doesNotReplaceATokenThatTheUserChose() async {
        let transport = Self.gateway(token: "fresh", answer: Self.answer)
        let run = await CommandRun(
            "infer", "tiny", "hello", in: folder,
            environment: ["SLIPWAY_TOKEN": "wrong", "SLIPWAY_ADMIN_KEY": "key"], transport: transport)
        #expect(run.status == .notAllowed)
        #expect(run.notes == "slipway: This service needs a token.\n")
        #expect(transport.exchanges.count == 1)
    }

    @Test func printsAStreamPieceByPiece() async {
        let events = ["Hello", " there", nil].map { text in
            "data: {\"choices\":[{\"delta\":{\"content\":\(text.map { "\"\($0)\"" } ?? "null")}}]}\n\n"
        }
        let body = PiecesStream(
            events.flatMap { [String($0.prefix(9)), String($0.dropFirst(9))] } + ["data: [DONE]\n\n"])
        let transport = Self.gateway(token: "mine", answer: HTTPResponse(200, body: .stream(body, length: nil)))
        let run = await CommandRun(
            "infer", "tiny", "hello", "--stream", in: folder, environment: ["SLIPWAY_TOKEN": "mine"],
            transport: transport)
        #expect(run.output == "Hello there\n")
        #expect(transport.exchanges.first?.body["stream"] == true)
    }

    @Test func saysWhenTheEngineBreaksOff() async {
        let body = PiecesStream(["data: {\"error\":{\"message\":\"out of memory\"}}\n\n"])
        let transport = Self.gateway(token: "mine", answer: HTTPResponse(200, body: .stream(body, length: nil)))
        let run = await CommandRun(
            "infer", "tiny", "hello", "--stream", in: folder, environment: ["SLIPWAY_TOKEN": "mine"],
            transport: transport)
        #expect(run.status == .failed)
        #expect(run.notes == "slipway: The engine broke off: out of memory\n")
        #expect(body.isCancelled)
    }
}

/// A body that comes in these pieces.
private final class PiecesStream: ByteStream {
    private let left: Mutex<(pieces: [String], isCancelled: Bool)>

    init(_ pieces: [String]) { left = Mutex((pieces, false)) }

    var isCancelled: Bool { left.withLock { $0.isCancelled } }

    func next() async throws -> [UInt8]? {
        left.withLock { $0.pieces.isEmpty ? nil : Array($0.pieces.removeFirst().utf8) }
    }

    func cancel() { left.withLock { $0.isCancelled = true } }
}
