import EventLoop
import Foundation
import HTTP
import HTTPClient
import HTTPServer
import TestSupport
import Testing

/// Requests stay on their loop from the first byte to the last: no thread of the pool has any part in them. It is a
/// property of the runtime as much as of this code, and half of the engine's speed.
@Suite(.timeLimit(.minutes(1))) struct HopTests {
    /// In a process of its own, where nothing else keeps the pool busy.
    @Test func costsThePoolNothing() async {
        await #expect(processExitsWith: .success) { try await HopTests.proxyMany(tasksPreferLoop: true) }
    }

    @Test func costsThePoolNothingWithoutAPreferenceEither() async {
        await #expect(processExitsWith: .success) { try await HopTests.proxyMany(tasksPreferLoop: false) }
    }

    private static func proxyMany(tasksPreferLoop: Bool) async throws {
        let group = EventLoopGroup(count: 1)
        let client = KeepAliveClient(group: group)
        let upstream = HTTPServer(responder: Fixed(), group: group, tasksPreferLoop: tasksPreferLoop)
        let upstreamAddress = try await upstream.start(host: "127.0.0.1", port: 0)
        let proxy = HTTPServer(
            responder: Through(client: client, origin: HTTPOrigin(host: "127.0.0.1", port: upstreamAddress.port)),
            group: group, tasksPreferLoop: tasksPreferLoop)
        let address = try await proxy.start(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(host: "127.0.0.1", port: address.port)
        let loop = group.next()
        let before = ThreadTimes()
        try await Task(executorPreference: loop.executor) {
            for _ in 0..<2000 {
                let response = try await client.send(
                    HTTPRequest(.post, "/", body: HTTPBody("hello")), to: origin, deadlines: HTTPDeadlines())
                precondition(response.status == .ok)
            }
        }.value
        let after = ThreadTimes()
        let onLoops = after.loops - before.loops
        let elsewhere = after.others - before.others
        precondition(onLoops > 0)
        precondition(elsewhere * 50 < onLoops, "\(elsewhere) ns elsewhere, \(onLoops) ns on loops")
        await proxy.drain(deadline: .zero)
        await upstream.drain(deadline: .zero)
    }

    private struct Fixed: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(.ok, body: request.body) }
    }

    private struct Through: HTTPResponder {
        let client: KeepAliveClient
        let origin: HTTPOrigin

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            do throws(HTTPTransportError) {
                return try await client.send(request, to: origin, deadlines: HTTPDeadlines())
            } catch {
                return HTTPResponse(.badGateway)
            }
        }
    }

    /// How long the threads of this process have run, in nanoseconds.
    private struct ThreadTimes {
        var loops = 0
        var others = 0

        init() {
            let tasks = "/proc/self/task"
            for thread in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
                guard let name = try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8),
                    let times = try? String(contentsOfFile: "\(tasks)/\(thread)/schedstat", encoding: .utf8),
                    let running = times.split(separator: " ").first.flatMap({ Int($0) })
                else { continue }
                if name.hasPrefix("loop-") { loops += running } else { others += running }
            }
        }
    }
}
