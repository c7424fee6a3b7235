import TestSupport
import Testing

@testable import InferenceGateway

/// Bodies that their callers break, of which an engine has had the beginning.
@Suite(.timeLimit(.minutes(1))) struct BrokenUploadTests {
    private static let model = #"{"model":"open","#

    private static func head(_ path: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    }

    private static func answer(_ type: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
    }

    private static func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    @Test(arguments: [
        ("/v1/chat/completions", "/v1/chat/completions", #""code":"body_incomplete""#),
        ("/v2/models/open/infer", "/v2/models/open/infer", #"{"error":"It broke off before its end."}"#),
        ("/services/open/x", "/x", #""code":"body_incomplete""#),
    ])
    func areToldSoInTheWordsOfTheProtocol(path: String, target: String, words: String) async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(Self.head(path) + Self.chunk(Self.model))
        let engine = await gateway.engine.accept()
        #expect(await engine.receive(until: Self.model).hasPrefix("POST \(target) HTTP/1.1\r\n"))
        await caller.send("zz\r\n")
        let answer = await caller.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        #expect(answer.contains(words), "\(answer)")
        #expect(await !engine.receiveAll().hasSuffix("0\r\n\r\n"), "the engine does not take it for whole")
        await gateway.stop()
    }

    /// Others that connect to the engine ask for its load, and are told nothing.
    /// - Returns: the engine's end, once it has the beginning of a body.
    private func engine(of gateway: GatewayUnderTest) async -> TestPeer {
        while true {
            let engine = await gateway.engine.accept()
            let request = await engine.receive(until: "\r\n\r\n")
            if request.hasPrefix("POST ") {
                if !request.contains(Self.model) { _ = await engine.receive(until: Self.model) }
                return engine
            }
            await engine.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test(arguments: [false, true]) func takeNoInstanceFromOthers(hasAnswer: Bool) async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        var engines: [TestPeer] = []
        for _ in 0..<10 {
            let caller = try await gateway.connect()
            await caller.send(Self.head("/services/open/x") + Self.chunk(Self.model))
            let engine = await engine(of: gateway)
            engines.append(engine)
            if hasAnswer {
                await engine.send(Self.answer("text/plain") + Self.chunk("begun"))
                _ = await caller.receive(until: Self.chunk("begun"))
            }
            await caller.send("zz\r\n")
            let rest = await caller.receiveAll()
            #expect(hasAnswer ? rest.isEmpty : rest.hasPrefix("HTTP/1.1 400 "))
        }
        let metrics = try await gateway.connect("admin")
        await metrics.send(
            "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(GatewayUnderTest.adminKey)\r\n"
                + "Connection: close\r\n\r\n")
        let counts = await metrics.receiveAll().split(separator: "\n")
        for name in ["ejections", "answers_broken"] {
            let faults = counts.filter { $0.hasPrefix("slipway_gateway_\(name)_total{") }
            #expect(!faults.isEmpty)
            #expect(faults.allSatisfy { $0.hasSuffix(" 0") }, "\(faults)")
        }
        await gateway.stop()
    }

    @Test func areToldOfInAStreamOfEventsThatHasBegun() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        let caller = try await gateway.connect()
        await caller.send(Self.head("/v1/chat/completions") + Self.chunk(Self.model))
        let engine = await engine(of: gateway)
        await engine.send(Self.answer("text/event-stream") + Self.chunk("data: {}\n\n"))
        _ = await caller.receive(until: Self.chunk("data: {}\n\n"))
        await caller.send("zz\r\n")
        let rest = await caller.receiveAll()
        #expect(rest.contains(#""type":"invalid_request_error""#) && rest.contains(#""code":"body_incomplete""#))
        #expect(rest.hasSuffix("}}\n\n\r\n"), "and ends visibly: \(rest)")
        await gateway.stop()
    }
}
