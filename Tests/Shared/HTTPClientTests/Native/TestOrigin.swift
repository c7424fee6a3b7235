import EventLoop
import HTTP
import HTTPClient
import TestSupport

/// A client, and a server that is played by the test.
struct TestOrigin: Sendable {
    let client: KeepAliveClient
    let listener: TestListener
    /// The client's only one.
    let loop: EventLoop
    var deadlines = HTTPDeadlines(connect: .seconds(30), firstByte: .seconds(30), idle: .seconds(30))

    var origin: HTTPOrigin { HTTPOrigin(host: "127.0.0.1", port: listener.port) }

    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// A busy machine must not make a test's connections too old to be used again.
    static var limits: HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.idleTimeout = .seconds(60)
        return limits
    }

    static func run(
        limits: HTTPClientLimits = Self.limits, _ body: (TestOrigin) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(count: 1)
        let peers = EventLoopGroup(count: 1)
        let client = KeepAliveClient(group: group, limits: limits)
        try await body(TestOrigin(client: client, listener: TestListener(on: peers.next()), loop: group.next()))
        await group.shutdown()
        await peers.shutdown()
    }

    func send(
        _ method: HTTPMethod = .get, _ target: String = "/", body: HTTPBody = .empty
    ) async throws(HTTPTransportError) -> HTTPResponse {
        try await client.send(HTTPRequest(method, target, body: body), to: origin, deadlines: deadlines)
    }

    /// Starts a request beside the test, which plays the server meanwhile.
    func sending(
        _ method: HTTPMethod = .get, _ target: String = "/", body: HTTPBody = .empty
    ) -> Task<Result<Answer, HTTPTransportError>, Never> {
        Task {
            do throws(HTTPTransportError) {
                let response = try await send(method, target, body: body)
                return .success(await Answer(response))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Has one request answered, and leaves its connection behind, idle.
    func warm() async throws -> TestPeer {
        let request = sending()
        let peer = await listener.accept()
        _ = await answer(peer)
        _ = try await request.value.get()
        return peer
    }

    /// Answers the next request on `peer` and gives what was asked.
    func answer(_ peer: TestPeer, with wire: String = ok) async -> String {
        let request = await peer.receive(until: "\r\n\r\n")
        await peer.send(wire)
        return request
    }
}

/// A response with all of its body.
struct Answer: Sendable {
    let status: Int
    let fields: HTTPFields
    let content: String
    /// Why the body ended before its end.
    let error: HTTPBodyError?
    let wasWhole: Bool

    init(_ response: HTTPResponse) async {
        status = response.status.code
        fields = response.fields
        wasWhole = if case .stream = response.body { false } else { true }
        do {
            let content = try await response.body.collect(limitBytes: 10_000_000)
            self.content = String(decoding: content, as: UTF8.self)
            error = nil
        } catch {
            content = ""
            self.error = error as? HTTPBodyError
        }
    }
}

extension Result {
    var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension Task where Success == Result<Answer, HTTPTransportError>, Failure == Never {
    /// Of the response, once it is there; nil if there is none.
    var content: String? {
        get async { try? await value.get().content }
    }

    var status: Int? {
        get async { try? await value.get().status }
    }
}
