import TestSupport
import Testing

@testable import InferenceGateway

/// Bodies on their way through a whole gateway, in both directions.
@Suite(.timeLimit(.minutes(1))) struct StreamingTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    private func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    private func post(_ path: String, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: gateway\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func eventsPassAsTheyCome() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        let body = #"{"stream":true,"model":"open"}"#
        await caller.send(post("/v1/chat/completions", body))
        let engine = await gateway.engine.accept()
        let request = await engine.receive(until: body)
        #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
        await engine.send(Self.head)
        #expect(await caller.receive(until: "\r\n\r\n").contains("text/event-stream"))
        for number in 1...5 {
            let event = "data: {\"n\":\(number)}\n\n"
            await engine.send(chunk(event))
            // The next event is not sent before this one has arrived at the other end.
            #expect(await caller.receive(until: event).contains(event))
        }
        await engine.send("0\r\n\r\n")
        #expect(await caller.receive(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
        await gateway.stop()
    }

    @Test(arguments: [
        ("data: {}\n\ndata: [DONE]\n\n", true), ("data: {}\r\n\r\ndata: [DONE]\r\n\r\n", true),
        ("data: {}\n\n", false), ("", false),
    ])
    func aStreamThatEndsWithItsConnectionIsWholeWithItsLastEvent(events: String, isWhole: Bool) async throws {
        let gateway = try GatewayUnderTest()
        for comesAtOnce in [true, false] {
            let caller = try await gateway.connect()
            let body = #"{"stream":true,"model":"open"}"#
            await caller.send(post("/v1/chat/completions", body))
            let engine = await gateway.engine.accept()
            _ = await engine.receive(until: body)
            let head = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
            if comesAtOnce {
                await engine.send(head + events)
            } else {
                await engine.send(head)
                _ = await caller.receive(until: "\r\n\r\n")
                await engine.send(events)
            }
            engine.hangUp()
            // Both see it: who reads events, and who looks at the framing.
            let answer = isWhole ? await caller.receive(until: "\r\n0\r\n\r\n") : await caller.receiveAll()
            #expect(answer.hasSuffix("\r\n0\r\n\r\n") == isWhole)
            #expect(answer.contains("upstream_failed") != isWhole)
            caller.hangUp()
        }
        await gateway.stop()
    }

    /// The engine's end of the next connection with this request; others, which ask for its load, are told nothing.
    private func engineAsked(_ request: String, by gateway: GatewayUnderTest) async -> TestPeer {
        while true {
            let engine = await gateway.engine.accept()
            if await engine.receive(until: "\r\n\r\n").hasPrefix(request) { return engine }
            await engine.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test func oneEngineTakesAsManyAtOnceAsThereAreCallers() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        var callers: [TestPeer] = []
        var engines: [TestPeer] = []
        for _ in 0..<700 {
            let caller = try await gateway.connect()
            await caller.send("GET /services/open/slow HTTP/1.1\r\nHost: gateway\r\n\r\n")
            callers.append(caller)
            engines.append(await engineAsked("GET /slow", by: gateway))
        }
        for engine in engines { await engine.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        for caller in callers { #expect(await caller.receive(until: "ok").hasPrefix("HTTP/1.1 200")) }
        await gateway.stop()
    }

    @Test func aCallerThatLeavesIsNoticedByTheEngineAtOnce() async throws {
        let gateway = try GatewayUnderTest()
        for isStreaming in [true, false] {
            let caller = try await gateway.connect()
            await caller.send("GET /services/open/slow HTTP/1.1\r\nHost: gateway\r\n\r\n")
            let engine = await gateway.engine.accept()
            _ = await engine.receive(until: "\r\n\r\n")
            if isStreaming {
                await engine.send(Self.head + chunk("data: 1\n\n"))
                _ = await caller.receive(until: "data: 1\n\n")
            }
            caller.hangUp()
            // The engine has nothing to send and learns it from the closed connection alone.
            #expect(await engine.receive() == nil)
        }
        await gateway.stop()
    }

    @Test func aSlowReaderHoldsTheEngineBack() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        caller.limitReceiveBuffer(16 * 1024)
        let size = 256 << 20
        await caller.send("GET /services/open/large HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
        _ = await caller.receive(until: "\r\n\r\n")
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        let progress = Progress()
        let sending = Task {
            for _ in 0..<size >> 20 {
                guard await engine.send(piece) else { return }
                progress.add(piece.count)
            }
        }
        // Nothing is read, so what was sent must stop growing: at what the buffers on the way hold.
        let held = try await progress.settled()
        #expect(held < 64 << 20, "\(held >> 20) MiB were taken from the engine and not read by the caller")
        caller.hangUp()
        await sending.value
        #expect(progress.total < size)
        await gateway.stop()
    }

    @Test func aSlowEngineHoldsTheCallerBack() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        let size = 256 << 20
        await caller.send("POST /services/open/x HTTP/1.1\r\nHost: gateway\r\nContent-Length: \(size)\r\n\r\n")
        let progress = Progress()
        let sending = Task {
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<size >> 20 {
                guard await caller.send(piece) else { return }
                progress.add(piece.count)
            }
        }
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        let held = try await progress.settled()
        #expect(held < 64 << 20, "\(held >> 20) MiB were taken from the caller and not read by the engine")
        engine.hangUp()
        caller.hangUp()
        await sending.value
        await gateway.stop()
    }

    @Test func aLargeUploadIsStreamedOnAndItsModelFound() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        let start = #"{"model":"open","input":""#
        let size = 32 << 20
        let length = start.utf8.count + size + 2
        await caller.send("POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n\(start)")
        let engine = await gateway.engine.accept()
        // The request is with the engine long before all of its body has come.
        let received = await engine.receive(until: start)
        #expect(received.contains("Content-Length: \(length)"))
        let sending = Task {
            for _ in 0..<size >> 20 { await caller.send([UInt8](repeating: 0x61, count: 1 << 20)) }
            await caller.send("\"}")
        }
        let rest = await engine.receive(count: size + 2)
        await sending.value
        #expect(rest.count == size + 2)
        #expect(rest.suffix(2).elementsEqual("\"}".utf8))
        await engine.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(await caller.receive(until: "ok").hasSuffix("\r\n\r\nok"))
        await gateway.stop()
    }

    @Test func anEngineThatDiesInMidAnswerBreaksTheCallersAnswerVisibly() async throws {
        let gateway = try GatewayUnderTest()
        for head in [Self.head, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"] {
            let caller = try await gateway.connect()
            await caller.send("GET /services/open/x HTTP/1.1\r\nHost: gateway\r\n\r\n")
            let engine = await gateway.engine.accept()
            _ = await engine.receive(until: "\r\n\r\n")
            await engine.send(head + (head == Self.head ? chunk("half") : "half"))
            _ = await caller.receive(until: "half")
            engine.hangUp()
            // Closed without the end that the framing promised.
            #expect(await !caller.receiveAll().contains("0\r\n\r\n"))
        }
        await gateway.stop()
    }

    /// What the engine sent of its events when it dies, what of that goes on, and whether the caller is told.
    @Test(arguments: [
        ("data: {\"n\":1}\n\n", "data: {\"n\":1}\n\n", true),
        ("data: {\"n\":1}\r\n\r\n", "data: {\"n\":1}\r\n\r\n", true),
        ("data: {\"n\":1}\n\ndata: {\"n\":", "data: {\"n\":1}\n\n", true),
        ("data: {\"n\":1}\n\ndata: {\"n\":2}\n", "data: {\"n\":1}\n\n", true),
        ("data: [DONE]\n\n", "data: [DONE]\n\n", false),
    ])
    func anEngineThatDiesInAStreamOfEventsIsToldOfInTheStream(sent: String, whole: String, isTold: Bool) async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        let body = #"{"stream":true,"model":"open"}"#
        await caller.send(post("/v1/chat/completions", body))
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: body)
        await engine.send(Self.head + chunk(sent))
        let begun = await caller.receive(until: chunk(whole))
        #expect(begun.hasSuffix(chunk(whole)))
        engine.hangUp()
        let rest = await caller.receiveAll()
        // However that goes, the body does not end properly.
        #expect(!rest.contains("0\r\n\r\n"))
        guard isTold else {
            #expect(rest.isEmpty)
            await gateway.stop()
            return
        }
        let content = try #require(rest.split(separator: "\r\n", maxSplits: 1).last)
        #expect(content.hasPrefix("data: {\"error\":"))
        #expect(content.hasSuffix("}}\n\n\r\n"))
        #expect(content.contains(#""code":"upstream_failed""#))
        #expect(content.contains(#""type":"server_error""#))
        await gateway.stop()
    }

    @Test func otherStreamsOfAnEngineThatDiesGetNoWordsOfOurs() async throws {
        let gateway = try GatewayUnderTest()
        let body = #"{"stream":true,"model":"open"}"#
        let plain = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        let zipped =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
        let known = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100\r\n\r\n"
        for head in [plain, zipped, known] {
            let caller = try await gateway.connect()
            await caller.send(post("/v1/chat/completions", body))
            let engine = await gateway.engine.accept()
            _ = await engine.receive(until: body)
            await engine.send(head + (head == known ? "one\n\n" : chunk("one\n\n")))
            _ = await caller.receive(until: "one\n\n")
            engine.hangUp()
            #expect(await !caller.receiveAll().contains("error"))
        }
        await gateway.stop()
    }

    @Test func anEngineThatDiesBeforeItsAnswerIsABadGateway() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        let body = #"{"model":"open"}"#
        await caller.send(post("/v1/chat/completions", body))
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: body)
        engine.hangUp()
        let answer = await caller.receive(until: "}}")
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(answer.contains(#""code":"upstream_failed""#))
        // Nothing was sent a second time.
        #expect(gateway.engine.isQuiet)
        await gateway.stop()
    }
}
