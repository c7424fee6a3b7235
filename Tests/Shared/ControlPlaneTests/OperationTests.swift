import ControlPlane
import Dapr
import HTTP
import JSON
import TestSupport
import Testing

struct OperationTests {
    let store: InMemoryStateStore
    let server: InProcessServer

    init() throws {
        let time = ManualTime()
        store = InMemoryStateStore(now: { time.now })
        server = try InProcessServer(sampleAPI, store: store)
    }

    @Test func isLiveButNotReadyWithoutItsStore() async throws {
        store.outage = .storeUnavailable("connection to db.example:5432 as user slipway refused")
        let ready = try await server.send(.get, "/readyz")
        #expect(ready.status == 503)
        #expect(ready.code == "not_ready")
        #expect(ready.wrongFields == ["state_store"])
        #expect(ready.fields["Retry-After"] == "1")
        #expect(!ready.text.contains("slipway refused"))
        #expect(try await server.send(.get, "/healthz").status == 200)
    }

    @Test func asksItsChecksOnlyOnceASecond() async throws {
        #expect(try await server.send(.get, "/readyz").status == 200)
        store.outage = .sidecarUnavailable("gone")
        #expect(try await server.send(.get, "/readyz").status == 200)
    }

    @Test func documentsEveryRouteAndNoOther() throws {
        let documented = Set(sampleAPI.document.operations.map { "\($0.method) \($0.path) \($0.access)" })
        let routed = Set(server.responder.router.routes.map { "\($0.method) \($0.pattern) \($0.access)" })
        #expect(documented == routed)
    }

    @Test func servesItsDocument() async throws {
        let document = try await server.send(.get, "/openapi.json").json
        #expect(document["openapi"] == "3.1.0")
        let put = try #require(document["paths"]?["/things/{thing_id}"]?["put"])
        #expect(put["x-permission"] == "thing:update")
        #expect(put["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["thing_id", "If-Match"])
        #expect(put["responses"]?["default"]?["content"]?["application/problem+json"] != nil)
        #expect(document["paths"]?["/healthz"]?["get"]?["security"] == [])
    }

    @Test func showsItsDocumentWithoutScripts() async throws {
        let answer = try await server.send(.get, "/docs")
        #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8")
        #expect(answer.text.contains("<title>Things &lt;&amp;&gt;</title>"))
        #expect(!answer.text.contains("<script"))
        #expect(!answer.text.contains("http://") && !answer.text.contains("https://"))
    }
}
