import ControlPlane
import Dapr
import Domain
import HTTP
import JSON
import Observability
import TestSupport
import Testing

struct ControlPlaneResponderTests {
    let store: InMemoryStateStore
    let server: InProcessServer

    init() throws {
        let time = ManualTime()
        store = InMemoryStateStore(now: { time.now })
        server = try InProcessServer(sampleAPI, store: store)
    }

    @Test func answersWithAnIDAndTheTraceOfItsOwn() async throws {
        let first = try await server.send(.get, "/things/1")
        let second = try await server.send(.get, "/things/1")
        #expect(first.status == 200)
        #expect(first.fields["X-Request-Id"] != second.fields["X-Request-Id"])
    }

    @Test func goesOnWithTheCallersTrace() async throws {
        let answer = try await server.send(
            .get, "/no/such/path", fields: ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
        #expect(answer.json["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test(arguments: [
        ServiceError.invalid("name", "x"), .unauthenticated("x"), .permissionDenied("x"),
        .notFound(kind: "x", id: "y"), .conflict(code: "c", message: "x"), .preconditionFailed("x"),
        .unprocessable(code: "c", message: "x"), .tooLarge("x"), .unsupportedContent("x"),
        .rateLimited("x", retryAfter: .seconds(1)),
        .unavailable(code: "c", message: "x", retryAfter: .seconds(2)), .deadlineExceeded("x"),
        .internalFault(detail: "the password is hunter2"),
    ])
    func turnsEveryErrorIntoAProblem(error: ServiceError) async throws {
        let api = ControlPlaneAPI(
            routes: [.get("/fails", .requires("thing:get")) { _, _ in throw error }], document: sampleAPI.document)
        let server = try InProcessServer(api, store: store)
        let answer = try await server.send(.get, "/fails")
        #expect(answer.fields["Content-Type"] == "application/problem+json")
        #expect(answer.json["status"] == .integer(Int64(answer.status)))
        #expect(answer.json["instance"] == "/fails")
        #expect(!answer.text.contains("hunter2"))
    }

    @Test func logsAFaultOfOursWithItsTrace() async throws {
        let api = ControlPlaneAPI(
            routes: [.get("/fails", .open) { _, _ in throw DaprError.storeMissing("secret store") }],
            document: sampleAPI.document)
        let server = try InProcessServer(api, store: store)
        let answer = try await server.send(.get, "/fails")
        let line = try #require(server.log.lines.first { $0.level == .error })
        #expect(answer.status == 500)
        #expect(line.fields.contains { $0.name == "trace_id" && .string($0.value) == answer.json["trace_id"] })
        #expect(line.fields.contains { $0.name == "detail" && $0.value.contains("secret store") })
    }

    @Test func writesOneLineForEachRequest() async throws {
        try await server.send(.get, "/things/1?secret=hunter2")
        let line = try #require(server.log.lines.first)
        let fields = Dictionary(uniqueKeysWithValues: line.fields.map { ($0.name, $0.value) })
        #expect(server.log.lines.count == 1)
        #expect(fields["route"] == "/things/{thing_id}")
        #expect(fields["status"] == "200")
        #expect(fields["subject"] == "admin")
        #expect(!line.json.contains("hunter2"))
        #expect(!line.json.contains(InProcessServer.adminKey))
    }

    @Test(arguments: ["/healthz", "/readyz", "/metrics"])
    func keepsWhatIsPolledOutOfTheLog(path: String) async throws {
        try await server.send(.get, path)
        #expect(server.log.lines.map(\.level) == [.debug])
    }

    @Test func logsThatAPollFailed() async throws {
        store.outage = .sidecarUnavailable("gone")
        try await server.send(.get, "/readyz")
        #expect(server.log.lines.map(\.level) == [.info])
    }

    @Test(arguments: ["application/x-www-form-urlencoded", "text/plain; charset=utf-8", "multipart/form-data", ""])
    func saysWhichContentTypeItTakes(type: String) async throws {
        let answer = try await put(type: type)
        #expect(answer.status == 415)
        #expect(answer.fields["Content-Type"] == "application/problem+json")
        #expect(answer.code == "unsupported_media_type")
        #expect(answer.json["detail"]?.stringValue?.contains("-H 'Content-Type: application/json'") == true)
    }

    @Test(arguments: [
        "application/json", "application/json; charset=utf-8", "Application/JSON", "application/x+json", nil,
    ])
    func takesJSONHoweverItIsCalled(type: String?) async throws {
        #expect(try await put(type: type).status == 204)
    }

    private func put(type: String?) async throws -> InProcessServer.Answer {
        var fields: HTTPFields = ["Authorization": "Bearer \(InProcessServer.adminKey)"]
        if let type { fields.append("Content-Type", type) }
        return try await server.send(HTTPRequest(.put, "/things/1", fields: fields, body: HTTPBody("{}")))
    }

    @Test func countsByRoutePattern() async throws {
        for id in 1...3 { try await server.send(.get, "/things/\(id)") }
        for path in ["/a", "/b", "/c"] { try await server.send(.get, path) }
        try await server.send("BREW", "/things/1")
        let text = try await server.send(.get, "/metrics").text
        #expect(
            text.contains(
                #"slipway_http_requests_total{method="GET",route="/things/{thing_id}",status="200"} 3"#))
        #expect(text.contains(#"slipway_http_requests_total{method="GET",route="none",status="404"} 3"#))
        #expect(text.contains(#"slipway_http_requests_total{method="other",route="none",status="405"} 1"#))
        #expect(!text.contains("BREW"))
    }

    @Test(arguments: ["/nothing", "/things", "/things/1/", "//things/1", "/things/%zz", "/things/..", "/THINGS/1", "/"])
    func doesNotKnowOtherPaths(path: String) async throws {
        let answer = try await server.send(.get, path)
        #expect(answer.status == 404)
        #expect(answer.code == "not_found")
    }

    @Test func saysWhichMethodsAPathTakes() async throws {
        let answer = try await server.send(.delete, "/things/1")
        #expect(answer.status == 405)
        #expect(answer.code == "method_not_allowed")
        #expect(answer.fields["Allow"] == "GET, PUT, HEAD, OPTIONS")
    }

    @Test func answersOptions() async throws {
        let answer = try await server.send(.options, "/things/1")
        #expect(answer.status == 204)
        #expect(answer.fields["Allow"] == "GET, PUT, HEAD, OPTIONS")
        #expect(try await server.send(.options, "*").status == 204)
    }

    @Test func answersHeadAsGet() async throws {
        let answer = try await server.send(.head, "/things/1")
        #expect(answer.status == 200)
        #expect(answer.fields["ETag"] == "\"7\"")
    }
}

/// An API with one resource.
let sampleAPI = ControlPlaneAPI(
    routes: [
        .get("/things/{thing_id}", .requires("thing:get")) { _, context in
            HTTPResponse.json(.ok, ["id": .string(context.parameters["thing_id"])]).withETag(7)
        },
        .put("/things/{thing_id}", .requires("thing:update")) { request, _ in
            _ = try await request.json()
            return HTTPResponse(.noContent)
        },
    ],
    document: APIDocument(
        title: "Things <&>", summary: "Only things.",
        operations: [
            APIOperation(
                .get, "/things/{thing_id}", .requires("thing:get"), id: "getThing", "A thing.",
                responses: [.init(.ok, "It.", APISchema.reference("Thing"))]),
            APIOperation(
                .put, "/things/{thing_id}", .requires("thing:update"), id: "putThing", "Change a thing.",
                parameters: [.ifMatch], request: APISchema.reference("Thing"), responses: [.init(.noContent, "Done.")]),
        ], schemas: [("Thing", APISchema.object([("id", APISchema.uuid)]))]))
