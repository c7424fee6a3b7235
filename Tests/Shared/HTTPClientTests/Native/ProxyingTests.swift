import EventLoop
import HTTP
import HTTPClient
import HTTPServer
import Testing

/// Server and client together on one loop, as the gateway uses them.
@Suite(.timeLimit(.minutes(1))) struct ProxyingTests {
    private struct Echo: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(
                .ok, fields: ["X-Target": request.target, "X-Method": "\(request.method)"], body: request.body)
        }
    }

    private struct Forward: HTTPResponder {
        let client: KeepAliveClient
        let origin: HTTPOrigin

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            var forwarded = request
            forwarded.fields.removeHopByHop()
            do throws(HTTPTransportError) {
                var response = try await client.send(forwarded, to: origin, deadlines: HTTPDeadlines())
                response.fields.removeHopByHop()
                return response
            } catch {
                return HTTPResponse(.badGateway, body: HTTPBody("\(error)"))
            }
        }
    }

    @Test(arguments: [1, 2], [0, 5, 5_000, 3_000_000])
    func carriesBodiesThrough(_ loops: Int, _ size: Int) async throws {
        let group = EventLoopGroup(count: loops)
        let client = KeepAliveClient(group: group)
        let echo = HTTPServer(responder: Echo(), group: group)
        let upstream = try await echo.start(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(host: "127.0.0.1", port: upstream.port)
        let proxy = HTTPServer(responder: Forward(client: client, origin: origin), group: group)
        let address = try await proxy.start(host: "localhost", port: 0)

        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for turn in 0..<3 {
            let response = try await client.send(
                HTTPRequest(.post, "/x?\(turn)", body: content.isEmpty ? .empty : .bytes(content)),
                to: HTTPOrigin(host: "localhost", port: address.port), deadlines: HTTPDeadlines())
            #expect(response.status == .ok)
            #expect(response.fields["x-target"] == "/x?\(turn)")
            let received = try await response.body.collect(limitBytes: size + 1)
            #expect(received == content)
        }
        await proxy.drain(deadline: .seconds(5))
        await echo.drain(deadline: .seconds(5))
        await group.shutdown()
    }
}
