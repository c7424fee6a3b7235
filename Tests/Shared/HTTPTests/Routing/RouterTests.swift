import HTTP
import Testing

struct RouterTests {
    private let router = Router([
        .get("/models", .requires("model:list")) { _, _ in HTTPResponse(.ok) },
        .post("/models", .requires("model:create")) { _, _ in HTTPResponse(.created) },
        .get("/models/{model_id}/versions/{version}", .requires("model:get")) { _, _ in HTTPResponse(.ok) },
        .post("/models:validate", .requires("model:create")) { _, _ in HTTPResponse(.ok) },
        .get("/", .open) { _, _ in HTTPResponse(.ok) },
    ])

    @Test func findsTheRouteAndItsParameters() throws {
        guard case .found(let route, let parameters) = router.route(.get, "/models/a%2Fb/versions/%C3%A9") else {
            Issue.record("no route")
            return
        }
        #expect(route.pattern.description == "/models/{model_id}/versions/{version}")
        #expect(parameters["model_id"] == "a/b")
        #expect(parameters["version"] == "é")
    }

    @Test func headFindsTheGetRoute() {
        guard case .found(let route, _) = router.route(.head, "/models") else {
            Issue.record("no route")
            return
        }
        #expect(route.method == .get)
    }

    @Test func tellsWhichMethodsThereAre() {
        guard case .methodNotAllowed(let methods) = router.route(.delete, "/models") else {
            Issue.record("found or not found")
            return
        }
        #expect(methods == [.get, .post])
    }

    @Test(arguments: [
        "", "models", "/models/", "//models", "/models//versions/1", "/models/../models", "/models/.", "/Models",
        "/models/%zz",
        "/models/%00/versions/1", "/models/%ff/versions/1", "/models/x", "/models:other",
        "/" + Array(repeating: "a", count: 17).joined(separator: "/"),
    ])
    func matchesNothingElse(path: String) {
        guard case .notFound = router.route(.get, path) else {
            Issue.record("\(path) matched")
            return
        }
    }
}
