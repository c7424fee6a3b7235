import Domain
import HTTP
import JSON
import Testing
import TestSupport

@testable import LocalSidecar

/// Two sidecars in two processes, one of which calls the other's app through the other.
@Suite struct PeerTests {
    private struct Pair {
        let caller: TestSidecar
        let folders: [TemporaryFolder]

        init(callerToken: String? = "t", calleeToken: String? = "t", apps: RecordedApps = RecordedApps()) async throws {
            let folders = [TemporaryFolder(), TemporaryFolder()]
            var calleeEnvironment = ["APP_API_TOKEN": "apptok-b"]
            calleeEnvironment["DAPR_API_TOKEN"] = calleeToken
            let callee = try await TestSidecar(
                "--app-id", "app-b", "--app-port", "7002", components: "", environment: calleeEnvironment,
                transport: apps, folder: folders[1])
            let peer = PeerAPI(channel: callee.assembly.sidecars[0].channel, apiToken: calleeToken)
            var callerEnvironment = ["SLIPWAY_SIDECAR_PEERS": "app-b=127.0.0.1:50002", "APP_API_TOKEN": "apptok-a"]
            callerEnvironment["DAPR_API_TOKEN"] = callerToken
            caller = try await TestSidecar(
                "--app-id", "app-a", "--app-port", "7001", components: "", environment: callerEnvironment,
                transport: ResponderTransport(peer), folder: folders[0])
            self.folders = folders
        }

        func invoke(_ path: String, token: String? = "t") async -> HTTPResponse {
            var request = HTTPRequest(.get, "/v1.0/invoke/app-b/method\(path)", peer: "127.0.0.1:4000")
            if let token { request.fields.append("dapr-api-token", token) }
            return await caller.api.respond(to: request)
        }
    }

    private func text(_ response: HTTPResponse) async throws -> String {
        String(decoding: try await response.body.collect(limitBytes: 1 << 16), as: UTF8.self)
    }

    @Test func reachesTheAppWithItsOwnTokenAndTheCallersName() async throws {
        let pair = try await Pair()
        let response = await pair.invoke("/echo/x?q=1")
        #expect(response.status == .ok)
        let account = try JSONParser.parse(try await text(response))
        #expect(account["path"] == "/echo/x?q=1")
        let fields = (account["headers"]?.arrayValue ?? []).compactMap(\.arrayValue)
        func values(_ name: String) -> [String] {
            fields.filter { $0.first?.stringValue?.lowercased() == name }.compactMap { $0.last?.stringValue }
        }
        #expect(values("dapr-caller-app-id") == ["app-a"])
        #expect(values("dapr-api-token") == ["apptok-b"])
        #expect(values("host") == ["127.0.0.1:7002"])
    }

    @Test func passesTheAppsOwnErrorsAndTheSidecars() async throws {
        let pair = try await Pair(apps: RecordedApps(closedPorts: [7002]))
        let down = await pair.invoke("/echo/x")
        #expect(down.status == .internalServerError)
        #expect(try await text(down).contains("dial tcp 127.0.0.1:7002: connect: connection refused"))
        let failing = await (try await Pair()).invoke("/status/500")
        #expect(try await text(failing) == "{\"app\": \"said\", \"code\": 500}")
        #expect(!failing.fields.contains(PeerChannel.failureField))
    }

    @Test func takesNoCallsFromStrangers() async throws {
        let response = await (try await Pair(callerToken: nil)).invoke("/echo/x", token: nil)
        #expect(response.status == .internalServerError)
        #expect(try await text(response).contains("invalid api token"))
    }

    @Test func streamsInBothDirections() async throws {
        let pair = try await Pair()
        var request = HTTPRequest(.post, "/v1.0/invoke/app-b/method/echo/stream", peer: "127.0.0.1:4000")
        request.fields.append("dapr-api-token", "t")
        request.body = .stream(BytesStream(Array("streamed".utf8)), length: nil)
        let response = await pair.caller.api.respond(to: request)
        #expect(response.body.length == nil)
        #expect(try JSONParser.parse(try await text(response))["body"] == "streamed")
    }
}
