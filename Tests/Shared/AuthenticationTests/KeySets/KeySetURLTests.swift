import EventLoop
import HTTP
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@testable import Authentication

/// An issuer's keys, from a server.
@Suite(.timeLimit(.minutes(2))) struct KeySetURLTests {
    private struct Issuer: HTTPResponder {
        let answer: @Sendable (HTTPRequest) async -> HTTPResponse

        func respond(to request: HTTPRequest) async -> HTTPResponse { await answer(request) }
    }

    /// - Parameter body: gets the URL of the server, without a path, and a client.
    private func serve(
        _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
        _ body: (String, KeepAliveClient) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(count: 1)
        let server = HTTPServer(responder: Issuer(answer: answer), group: group)
        let address = try await server.start(host: "127.0.0.1", port: 0)
        try await body("http://127.0.0.1:\(address.port)", KeepAliveClient(group: group))
        await server.drain(deadline: .zero)
        await group.shutdown()
    }

    private func problem(_ source: KeySetURL) async -> String {
        do throws(KeySetFailure) {
            _ = try await source.load()
            return ""
        } catch {
            return error.description
        }
    }

    @Test func fetchesWhatTheURLNames() async throws {
        try await serve { request in
            guard request.target == "/realms/a/keys.json?v=1" else { return HTTPResponse(.notFound) }
            return HTTPResponse(.ok, body: .bytes(TestIssuer.keySet("a", "b")))
        } _: { url, client in
            let source = try KeySetURL(
                url + "/realms/a/keys.json?v=1", transport: client, clock: ContinuousClock())
            #expect(try await source.load().keys.map(\.id) == ["a", "b"])
            let other = try KeySetURL(url, transport: client, clock: ContinuousClock())
            #expect(await problem(other).contains("answered with status 404"))
        }
    }

    @Test func keysAreRotatedUnderTheEyesOfThoseWhoUseThem() async throws {
        let keys = Mutex(TestIssuer.keySet("old"))
        let fetches = Progress()
        let time = ManualTime()
        try await serve { _ in
            fetches.add(1)
            return HTTPResponse(.ok, body: .bytes(keys.withLock { $0 }))
        } _: { url, client in
            let ring = KeyRing(
                try KeySetURL(url + "/keys", transport: client, clock: ContinuousClock()), times: .ofURLs,
                now: { time.now })
            let authentication = JWTAuthentication(TestIssuer.rules, keys: ring, now: { time.now })
            @Sendable func isGood(_ name: String) async -> Bool {
                (try? await authentication.identity(of: TestIssuer.token(by: name))) != nil
            }
            #expect(await isGood("old"))
            keys.withLock { $0 = TestIssuer.keySet("old", "new") }
            #expect(await !isGood("new"), "it was asked for just now")
            time.advance(by: .seconds(10))
            #expect(await isGood("new"))
            keys.withLock { $0 = TestIssuer.keySet("new") }
            time.advance(by: .seconds(300))
            #expect(await isGood("new"))
            #expect(await isGood("old"), "its overlap has begun")
            time.advance(by: .seconds(300))
            #expect(await isGood("new"))
            #expect(await !isGood("old"))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask { #expect(await !isGood("kid-\(number)")) }
                }
            }
            #expect(fetches.total == 4)
        }
    }

    @Test(arguments: [true, false])
    func whatIsTooLargeIsNotReadToItsEnd(isDeclared: Bool) async throws {
        let bytes = [UInt8](repeating: 0x20, count: JSONWebKeySet.maximumBytes + 1)
        try await serve { _ in
            HTTPResponse(.ok, body: isDeclared ? .bytes(bytes) : .stream(Repeated(bytes), length: nil))
        } _: { url, client in
            let source = try KeySetURL(url, transport: client, clock: ContinuousClock())
            #expect(await problem(source).contains("larger than 262144 bytes"))
        }
    }

    @Test func anIssuerThatDripsIsGivenUp() async throws {
        try await serve { _ in
            HTTPResponse(.ok, body: .stream(Drip(), length: nil))
        } _: { url, client in
            let source = try KeySetURL(url, transport: client, clock: HastyClock())
            #expect(await problem(source).contains("took longer than 5.0 seconds"))
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let asked = Progress()
        try await serve { _ in
            asked.add(1)
            return HTTPResponse(302, fields: ["Location": "/elsewhere"])
        } _: { url, client in
            let source = try KeySetURL(url + "/keys", transport: client, clock: ContinuousClock())
            #expect(await problem(source).contains("status 302"))
            #expect(asked.total == 1)
        }
    }

    @Test func anIssuerThatIsNotThereIsTold() async throws {
        let group = EventLoopGroup(count: 1)
        let source = try KeySetURL(
            "http://127.0.0.1:1/keys", transport: KeepAliveClient(group: group), clock: ContinuousClock())
        #expect(await problem(source).contains("http://127.0.0.1:1/keys cannot be fetched"))
        await group.shutdown()
    }

    @Test(arguments: [
        "", "issuer.example/keys", "ftp://a/keys", "http://", "https:///keys", "http://a b/keys", "http://u@a/keys",
        "http://a/keys#x", "http://a/ke ys", "http://a:0/x", "http://a/\u{e9}", "file:///etc/passwd",
    ])
    func refusesWhatIsNoURL(text: String) async {
        let group = EventLoopGroup(count: 1)
        let error = #expect(throws: KeySetFailure.self) {
            try KeySetURL(text, transport: KeepAliveClient(group: group), clock: ContinuousClock())
        }
        #expect(error?.description.contains("must be like https://") == true)
        await group.shutdown()
    }
}

/// One piece again and again.
private final class Repeated: ByteStream {
    private let piece: [UInt8]

    init(_ piece: [UInt8]) { self.piece = piece }

    func next() async throws -> [UInt8]? { piece }
    func cancel() {}
}

/// A byte now and then, for ever.
private final class Drip: ByteStream {
    func next() async throws -> [UInt8]? {
        try await Task.sleep(for: .milliseconds(20))
        return [0x20]
    }

    func cancel() {}
}
