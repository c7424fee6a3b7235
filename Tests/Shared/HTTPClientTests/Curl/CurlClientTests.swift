import EventLoop
import Foundation
import HTTP
import HTTPClient
import Synchronization
import TestSupport
import Testing

/// Against a small TLS server of Python's own, so that both sides of the wire are not ours.
@Suite(.serialized, .enabled(if: TLSServer.isAvailable, "needs python3 and openssl"))
struct CurlClientTests {
    private let group = EventLoopGroup(count: 1)
    private let deadlines = HTTPDeadlines(connect: .seconds(30), firstByte: .seconds(30), idle: .seconds(30))

    @Test(.timeLimit(.minutes(1))) func getsOverTLS() async throws {
        try await withServer { server, client in
            let response = try await client.send(HTTPRequest(.get, "/hello"), to: server.origin, deadlines: deadlines)
            #expect(response.status == .ok)
            #expect(try await text(response) == "GET /hello 0")
        }
    }

    @Test(.timeLimit(.minutes(1))) func sendsABodyAsItComes() async throws {
        try await withServer { server, client in
            let pieces = Pieces((0..<50).map { _ in [UInt8](repeating: 7, count: 10_000) })
            let request = HTTPRequest(.post, "/upload", body: .stream(pieces, length: nil))
            let response = try await client.send(request, to: server.origin, deadlines: deadlines)
            #expect(try await text(response) == "POST /upload 500000")
        }
    }

    @Test(.timeLimit(.minutes(1))) func readsALargeBodyInPieces() async throws {
        try await withServer { server, client in
            let response = try await client.send(HTTPRequest(.get, "/large"), to: server.origin, deadlines: deadlines)
            guard case .stream(let stream, let length) = response.body else {
                Issue.record("the body came in one piece")
                return
            }
            #expect(length == 8_000_000)
            var count = 0
            var largest = 0
            while let piece = try await stream.next() {
                count += piece.count
                largest = max(largest, piece.count)
            }
            #expect(count == 8_000_000)
            #expect(largest < 1_000_000)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("/hello", false), ("/untilclose", true)])
    func tellsWhetherTheConnectionEndsTheBody(_ path: String, _ ends: Bool) async throws {
        try await withServer { server, client in
            let response = try await client.send(HTTPRequest(.get, path), to: server.origin, deadlines: deadlines)
            #expect(response.endsWithConnection == ends)
        }
    }

    @Test(.timeLimit(.minutes(1))) func refusesACertificateThatNobodyVouchesFor() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let error = await #expect(throws: HTTPTransportError.self) {
            try await CurlClient(group: group).send(
                HTTPRequest(.get, "/"), to: server.origin, deadlines: deadlines)
        }
        guard case .connectFailed(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.lowercased().contains("certificate"))
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func trustsAnAuthorityThatIsGivenAsText() async throws {
        try await withServer { server, client in
            var options = CurlOptions()
            options.certificateAuthority = try String(contentsOfFile: server.certificateFile, encoding: .utf8)
            let response = try await client.send(
                HTTPRequest(.get, "/hello"), to: server.origin, deadlines: deadlines, options: options)
            #expect(response.status == .ok)
        }
    }

    @Test(.timeLimit(.minutes(1))) func checksTheCertificateForTheNameThatWasAskedFor() async throws {
        try await withServer { server, client in
            var options = CurlOptions(certificateAuthorityFile: server.certificateFile)
            options.serverName = "localhost"
            let response = try await client.send(
                HTTPRequest(.get, "/hello"), to: server.origin, deadlines: deadlines, options: options)
            #expect(try await text(response) == "GET /hello 0")
            options.serverName = "elsewhere.example"
            let wrong = options
            await #expect(throws: HTTPTransportError.self) {
                try await client.send(
                    HTTPRequest(.get, "/hello"), to: server.origin, deadlines: deadlines, options: wrong)
            }
            options.trustsAnyServer = true
            let trusted = try await client.send(
                HTTPRequest(.get, "/hello"), to: server.origin, deadlines: deadlines, options: options)
            #expect(trusted.status == .ok)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [(HTTPMethod.post, 204), (.head, 200)])
    func anAnswerWithoutContentEndsTheUpload(_ method: HTTPMethod, _ status: Int) async throws {
        try await withServer { server, client in
            let body = Unending()
            let patient = HTTPDeadlines(connect: .seconds(30), firstByte: .seconds(3600), idle: .seconds(3600))
            let response = try await client.send(
                HTTPRequest(method, "/early", body: .stream(body, length: nil)), to: server.origin, deadlines: patient)
            #expect(response.status.code == status)
            await body.cancelled.wait()
        }
    }

    @Test(.timeLimit(.minutes(1))) func saysThatTheBodyOfTheRequestBrokeOff() async throws {
        try await withServer { server, client in
            let pieces = Pieces([[1]], failure: .tooSlow("256 bytes"))
            await #expect(throws: HTTPTransportError.requestBodyFailed(.tooSlow("256 bytes"))) {
                try await client.send(
                    HTTPRequest(.post, "/upload", body: .stream(pieces, length: nil)), to: server.origin,
                    deadlines: deadlines)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func saysSoWhenTheAnswerHadBegun() async throws {
        try await withServer { server, client in
            let body = Unending(failure: .tooSlow("256 bytes"))
            let response = try await client.send(
                HTTPRequest(.post, "/begun", body: .stream(body, length: nil)), to: server.origin, deadlines: deadlines)
            body.cancel()
            await #expect(throws: HTTPBodyError.requestBodyFailed(.tooSlow("256 bytes"))) { try await text(response) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func takesNothingOfABodyWhenThereIsNoConnection() async throws {
        let pieces = Pieces([[1], [2]])
        let nobody = HTTPOrigin(scheme: .https, host: "127.0.0.1", port: 1)
        let error = await #expect(throws: HTTPTransportError.self) {
            try await CurlClient(group: group).send(
                HTTPRequest(.post, "/", body: .stream(pieces, length: nil)), to: nobody, deadlines: deadlines)
        }
        guard case .connectFailed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(pieces.taken == 0)
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func aSilentServerIsGivenUp() async throws {
        try await withServer { server, client in
            // The wait for the first byte begins with the wait for a connection, so both are short.
            let short = HTTPDeadlines(connect: .seconds(3), firstByte: .milliseconds(100), idle: .seconds(5))
            let error = await #expect(throws: HTTPTransportError.self) {
                try await client.send(HTTPRequest(.get, "/silent"), to: server.origin, deadlines: short)
            }
            guard case .timedOut = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func cancellingEndsTheExchange() async throws {
        try await withServer { server, client in
            let origin = server.origin
            let task = Task { [deadlines] in
                try await client.send(HTTPRequest(.get, "/silent"), to: origin, deadlines: deadlines)
            }
            task.cancel()
            await #expect(throws: HTTPTransportError.cancelled) { try await task.value }
        }
    }

    private func withServer(_ body: (TLSServer, CurlClient) async throws -> Void) async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let client = CurlClient(
            group: group, options: CurlOptions(certificateAuthorityFile: server.certificateFile))
        try await body(server, client)
        await group.shutdown()
    }

    private func text(_ response: HTTPResponse) async throws -> String {
        String(decoding: try await response.body.collect(limitBytes: 10_000_000), as: UTF8.self)
    }
}

private final class Pieces: ByteStream {
    private let rest: Mutex<[[UInt8]]>
    private let failure: HTTPBodyError?
    private let asked = Progress()
    var taken: Int { asked.total }

    init(_ pieces: [[UInt8]], failure: HTTPBodyError? = nil) {
        rest = Mutex(pieces)
        self.failure = failure
    }

    func next() async throws -> [UInt8]? {
        asked.add(1)
        let piece = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if piece == nil, let failure { throw failure }
        return piece
    }

    func cancel() { rest.withLock { $0 = [] } }
}

/// Its second piece never comes.
private final class Unending: ByteStream {
    private let isBegun = Mutex(false)
    private let failure: HTTPBodyError?
    let cancelled = Gate()

    /// - Parameter failure: what is thrown when it is given up.
    init(failure: HTTPBodyError? = nil) { self.failure = failure }

    func next() async throws -> [UInt8]? {
        let isFirst = isBegun.withLock { isBegun in
            defer { isBegun = true }
            return !isBegun
        }
        if isFirst { return [1] }
        await cancelled.wait()
        if let failure { throw failure }
        return nil
    }

    func cancel() { Task { await cancelled.open() } }
}
