import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResponseStreamTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func sendsEachPieceAsItComes() async throws {
        let gates = [Gate(), Gate(), Gate()]
        let step = Mutex(0)
        try await TestServer.run { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        let index = step.withLock { step in
                            step += 1
                            return step - 1
                        }
                        await gates[index].wait()
                        return index < 2 ? Array("event \(index)".utf8) : nil
                    }, length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.get)
            #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK"), "the head goes out at once")
            for index in 0..<2 {
                await gates[index].open()
                #expect(await peer.receive(until: "event \(index)\r\n") == "7\r\nevent \(index)\r\n")
            }
            await gates[2].open()
            #expect(await peer.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
            step.withLock { $0 = 0 }
            await peer.send(Self.get)
            #expect(await peer.receive(until: "0\r\n\r\n").contains("event 1"), "the connection goes on")
        }
    }

    @Test func asksForNoMoreThanTheClientTakes() async throws {
        let asked = Progress()
        let total = 1000
        try await TestServer.run { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        asked.add(1) > total ? nil : [UInt8](repeating: 0x61, count: 64 * 1024)
                    }, length: total * 64 * 1024))
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let held = try await asked.settled()
            #expect(held < total / 2)
            var received = 0
            while let bytes = await peer.receiveBytes() { received += bytes.count }
            #expect(received > total * 64 * 1024, "and goes on when the client does")
        }
    }

    private struct Broken: Error {}

    @Test(arguments: [nil, 100], ["fails", "ends early", "goes on too long"])
    func showsTheClientThatABodyBrokeOff(_ length: Int?, _ how: String) async throws {
        guard length != nil || how == "fails" else { return }
        let isCancelled = Mutex(false)
        try await TestServer.run { _ in
            let letters = Letters(how == "goes on too long" ? String(repeating: "x", count: 101) : "abc")
            let stream = Pieces {
                if let piece = await letters.next() { return piece }
                if how == "fails" { throw Broken() }
                return nil
            } cancelled: {
                isCancelled.withLock { $0 = true }
            }
            return HTTPResponse(.ok, body: .stream(stream, length: length))
        } _: { server in
            let answer = await server.exchange(Self.get)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            #expect(!answer.hasSuffix("0\r\n\r\n"))
            let body = answer.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
            #expect(length == nil || body.utf8.count <= 100)
        }
        if how == "goes on too long" { #expect(isCancelled.withLock { $0 }) }
    }

    @Test(arguments: [false, true])
    func showsAnOldClientToo(_ breaksOff: Bool) async throws {
        try await TestServer.run { _ in
            let letters = Letters("abc")
            return HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        if let piece = await letters.next() { return piece }
                        if breaksOff { throw Broken() }
                        return nil
                    }, length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await peer.isReset() == breaksOff, "a plain close is the proper end of such a body")
        }
    }

    @Test func showsAnOldClientThatItsAnswerWasCutOff() async throws {
        try await TestServer.run { _ in
            let silence = Pieces {
                try await Task.sleep(for: .seconds(3600))
                return nil
            }
            return HTTPResponse(.ok, body: .stream(silence, length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
            await server.server.drain(deadline: .zero)
            #expect(await peer.isReset())
        }
    }

    @Test func dropsABodyThatMustNotBeSent() async throws {
        let isCancelled = Mutex(false)
        try await TestServer.run { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        nil
                    } cancelled: {
                        isCancelled.withLock { $0 = true }
                    }, length: 7))
        } _: { server in
            let answer = await server.exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n")
            #expect(isCancelled.withLock { $0 })
        }
    }

    @Test(arguments: [1, 4096, 4097, 1_000_000, 8_000_000])
    func sendsWholeBodiesOfAnySize(_ size: Int) async throws {
        let content = [UInt8](repeating: 0x61, count: size - 1) + [0x62]
        try await TestServer.run { _ in
            HTTPResponse(.ok, body: .bytes(content))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.get)
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
            let received = await peer.receive(count: head.utf8.count + size)
            #expect(Array(received.prefix(head.utf8.count)) == Array(head.utf8))
            #expect(Array(received.dropFirst(head.utf8.count)) == content)
        }
    }
}
