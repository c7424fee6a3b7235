import HTTP
import InferenceGatewayCore
import JSON
import Testing

@testable import InferenceGateway

@Suite struct OpenInferenceTests {
    private let gateway = GatewayFixture()

    @Test func theServerIsLiveReadyAndDescribed() async throws {
        let live = await gateway.send(.get, "/v2/health/live")
        #expect(live.fields["Content-Type"] == "application/json")
        #expect(try await live.text() == #"{"live":true}"#)
        #expect(try await gateway.send(.get, "/v2/health/ready").text() == #"{"ready":true}"#)
        let metadata = try await gateway.send(.get, "/v2").json()
        #expect(metadata["name"] == "slipway")
        #expect(metadata["version"]?.stringValue != nil)
        #expect(metadata["extensions"]?.arrayValue?.contains("binary_tensor_data") == true)
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test func theServerIsNotReadyBeforeItKnowsAnyRoutes() async throws {
        let numbers = SharedNumberGenerator(seed: 1)
        let responder = GatewayResponder(
            routes: CurrentRoutes(), polls: RoutePolls(),
            admission: Admission(sha256: { GatewayFixture.digest(of: $0) }, now: { GatewayFixture.now }),
            forwarder: Forwarder(
                plain: gateway.transport, secure: gateway.transport, numbers: numbers, accessLog: gateway.accessLog),
            refusals: gateway.refusals, accessLog: gateway.accessLog, numbers: numbers)
        let ready = await responder.respond(to: HTTPRequest(.get, "/v2/health/ready"))
        #expect(ready.status == .serviceUnavailable)
        #expect(try await ready.json()["error"]?.stringValue != nil)
        #expect(await responder.respond(to: HTTPRequest(.get, "/v2/health/live")).status == .ok)
    }

    @Test(arguments: [
        (HTTPMethod.get, "/v2/models/open"), (.get, "/v2/models/open/ready"), (.post, "/v2/models/open/infer"),
        (.get, "/v2/models/open/versions/3"), (.get, "/v2/models/open/versions/3/ready"),
        (.post, "/v2/models/open/versions/3/infer?x=y"), (.post, "/v2/models/open/generate"),
    ])
    func whatIsAskedOfAModelGoesToItsEngineAsItStands(method: HTTPMethod, target: String) async throws {
        let response = await gateway.send(method, target, body: method == .post ? HTTPBody("{}") : .empty)
        #expect(try await response.text() == "hello")
        let sent = try #require(gateway.transport.requests.first)
        #expect(sent.origin == HTTPOrigin(host: "10.0.0.1", port: 8000))
        #expect(sent.request.method == method)
        #expect(sent.request.target == target)
        #expect(gateway.counts(of: "open")?.requests.map(\.inferenceProtocol) == [.openInference])
    }

    @Test func binaryTensorsPassUntouched() async throws {
        let tensors = Array(#"{"inputs":[]}"#.utf8) + [0, 255, 13, 10, 0]
        let gateway = GatewayFixture { request, _ in
            HTTPResponse(
                .ok,
                fields: [
                    "Content-Type": "application/octet-stream",
                    "Inference-Header-Content-Length": request.fields["Inference-Header-Content-Length"] ?? "",
                ], body: request.body)
        }
        let response = await gateway.send(
            .post, "/v2/models/open/infer",
            ["Inference-Header-Content-Length": "13", "Content-Type": "application/octet-stream"], body: .bytes(tensors)
        )
        let sent = try #require(gateway.transport.requests.first?.request)
        #expect(sent.fields["Content-Type"] == "application/octet-stream")
        #expect(response.fields["Inference-Header-Content-Length"] == "13")
        #expect(response.fields["Content-Type"] == "application/octet-stream")
        #expect(try await response.body.collect(limitBytes: 100) == tensors)
    }

    @Test func aReadyModelWhoseEngineSaysNothingIsPutIntoWords() async throws {
        let silent = GatewayFixture { _, _ in HTTPResponse(.ok) }
        let ready = await silent.send(.get, "/v2/models/open/ready")
        #expect(try await ready.text() == #"{"ready":true}"#)
        #expect(ready.fields["Content-Type"] == "application/json")
        #expect(try await silent.send(.get, "/v2/models/open").text().isEmpty)
        #expect(try await silent.send(.head, "/v2/models/open/ready").text().isEmpty)
        let notReady = GatewayFixture { _, _ in HTTPResponse(.badRequest) }
        #expect(try await notReady.send(.get, "/v2/models/open/ready").text().isEmpty)
    }

    @Test(arguments: [HTTPMethod.get, .post])
    func aModelsHealthIsTheGatewaysToTell(method: HTTPMethod) async throws {
        gateway.routes.replace(with: [
            GatewayFixture.entry("md-1", instances: [1]), GatewayFixture.entry("md-2"),
            GatewayFixture.entry("md-3", isPublic: false, tokens: ["good": .never], instances: [2]),
        ])
        #expect(try await gateway.send(method, "/v2/models/md-1/health/live").text() == #"{"live":true}"#)
        #expect(await gateway.send(method, "/v2/models/md-2/health/live").status == .serviceUnavailable)
        #expect(await gateway.send(method, "/v2/models/md-3/health/live").status == .unauthorized)
        #expect(await gateway.send(method, "/v2/models/md-4/health/live").status == .notFound)
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test(
        arguments: [
            (.get, "/v2/models/nobody/ready", 404), (.post, "/v2/models/nobody/infer", 404),
            (.get, "/v2/models", 404), (.get, "/v2/repository/index", 404), (.get, "/v2/health", 404),
            (.post, "/v2/models/closed/infer", 401), (.get, "/v2/models/closed", 401),
            (.post, "/v2/models/idle/infer", 503), (.get, "/v2/models/idle/ready", 503),
            (.get, "/v2/models/open/infer", 405), (.post, "/v2/models/open", 405),
            (.delete, "/v2/models/open/health/live", 405), (.post, "/v2/health/live", 405), (.put, "/v2", 405),
        ] as [(HTTPMethod, String, Int)])
    func errorsAreOneSentenceInJSON(method: HTTPMethod, target: String, status: Int) async throws {
        let response = await gateway.send(method, target)
        #expect(response.status.code == status)
        #expect(response.fields.values("Content-Type") == ["application/json"])
        let body = try #require(try await response.json().objectValue)
        #expect(body.members.map(\.name) == ["error"])
        #expect(body["error"]?.stringValue?.isEmpty == false)
        #expect((response.fields["Allow"] != nil) == (status == 405))
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test func aPrivateModelOpensWithItsToken() async {
        let response = await gateway.send(.post, "/v2/models/closed/infer", ["Authorization": "Bearer good"])
        #expect(response.status == .ok)
        #expect(gateway.transport.requests.first?.request.fields["Authorization"] == nil)
    }
}
