import HTTP
import TestSupport
import Testing

@testable import InferenceGateway

/// Engines that speak TLS, with a certificate of an authority that nobody else knows.
@Suite(.serialized, .timeLimit(.minutes(1)), .enabled(if: TLSServer.isAvailable, "needs python3 and openssl"))
struct SecureEngineTests {
    private static func post(_ path: String, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func areReachedBelowTheirPathWhereTheirAuthorityIsKnown() async throws {
        let engine = try TLSServer()
        let gateway = try GatewayUnderTest(
            secureEngine: "https://127.0.0.1:\(engine.origin.port)/below", authorities: engine.certificateFile)
        let answer = try await gateway.exchange(Self.post("/services/secure/x?y=z", "12345"))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix("POST /below/x?y=z 5"))
        await gateway.stop()
        engine.stop()
    }

    @Test func mayAnswerBeforeTheyHaveAllOfTheRequest() async throws {
        let engine = try TLSServer()
        let gateway = try GatewayUnderTest(
            secureEngine: "https://127.0.0.1:\(engine.origin.port)", authorities: engine.certificateFile)
        let caller = try await gateway.connect()
        await caller.send("POST /services/secure/early HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        #expect(await caller.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 "))
        // The next request of the connection has to wait for its body in the same place.
        await caller.send("def" + "POST /services/open/x HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nghi")
        let plain = await gateway.engine.accept()
        #expect(await plain.receive(until: "ghi").hasSuffix("ghi"))
        await caller.send("jkl")
        #expect(await plain.receive(until: "jkl") == "jkl")
        await plain.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(await caller.receive(until: "ok").hasSuffix("ok"))
        await gateway.stop()
        engine.stop()
    }

    @Test func areNotSpokenToWhereItIsNot() async throws {
        let engine = try TLSServer()
        let gateway = try GatewayUnderTest(secureEngine: "https://127.0.0.1:\(engine.origin.port)")
        let answer = try await gateway.exchange(Self.post("/services/secure/x", "12345"))
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("upstream_unreachable"))
        await gateway.stop()
        engine.stop()
    }
}
