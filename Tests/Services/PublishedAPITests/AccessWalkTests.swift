import Authentication
import ControlPlane
import Domain
import HTTP
import JSON
import TestSupport
import Testing

/// Every route of every server, tried by everyone who must not pass.
@Suite(.timeLimit(.minutes(5))) struct AccessWalkTests {
    static let appToken = "the-app-token-of-these-tests"
    static let services = PublishedServer.allCases.filter { $0 != .inferenceGateway }

    let issuer: FixtureIssuer

    init() throws { issuer = try FixtureIssuer() }

    private func bearer(_ token: String) -> HTTPFields { ["Authorization": "Bearer \(token)"] }

    /// What nobody is known by.
    private var strangers: [(name: String, fields: HTTPFields)] {
        [
            ("nothing", [:]),
            ("an expired token", bearer(issuer.token(for: "admin2", [("exp", 1_899_999_000)]))),
            ("a foreign issuer's", bearer(issuer.token([("iss", "https://elsewhere.example")]))),
            ("for another audience", bearer(issuer.token([("aud", "another")]))),
            ("signed by nobody", bearer(issuer.token(secret: [UInt8](repeating: 7, count: 32)))),
            ("a token for the admin", bearer(issuer.token(for: "admin"))),
            ("a key that was never made", bearer(APIKey.make().text)),
            ("almost the admin key", bearer(PublishedServer.adminKey + "0")),
            ("an app without its sidecar", ["dapr-caller-app-id": "model-serving"]),
            ("two apps", ["dapr-api-token": Self.appToken, "dapr-caller-app-id": "a", "Dapr-Caller-App-Id": "b"]),
        ]
    }

    private func expectProblem(
        _ answer: HTTPResponse, _ status: HTTPStatus, _ code: String, _ about: String
    ) async throws {
        #expect(answer.status == status, "\(about)")
        #expect(answer.fields["Content-Type"] == "application/problem+json", "\(about)")
        // Who is known and may not gains nothing by other credentials of the same kind.
        #expect(answer.fields.values("WWW-Authenticate") == (status == .unauthorized ? ["Bearer"] : []), "\(about)")
        let document = try JSONParser.parse(try await answer.body.collect(limitBytes: 1 << 16))
        #expect(document["code"]?.stringValue == code && document["status"]?.integerValue == Int64(status.code))
    }

    @Test(arguments: PublishedServer.allCases)
    func nobodyPassesWhoIsNotKnown(server: PublishedServer) async throws {
        let (responder, routes) = try server.server(tokens: issuer.authentication, appToken: Self.appToken)
        for operation in routes.map({ Operation($0) }) where operation.permission != nil {
            for (name, fields) in strangers {
                let request = HTTPRequest(operation.method, operation.sampleTarget, fields: fields)
                try await expectProblem(
                    await responder.respond(to: request), .unauthorized, "unauthenticated",
                    "\(operation.name) with \(name)")
            }
        }
    }

    @Test(arguments: services)
    func nobodyPassesWhoMayNotWhatTheRouteNeeds(server: PublishedServer) async throws {
        let (responder, routes) = try server.server(tokens: issuer.authentication, appToken: Self.appToken)
        let known: [(name: String, fields: HTTPFields)] = [
            ("nobody in particular", bearer(issuer.token(for: "mallory"))),
            (
                "in groups that mean nothing",
                bearer(issuer.token(for: "mallory", [("groups", ["admin", "role:admin"])]))
            ),
            ("another app", ["dapr-api-token": Self.appToken, "dapr-caller-app-id": "another"]),
        ]
        for operation in routes.map({ Operation($0) }) where operation.permission != nil {
            for (name, fields) in known {
                let request = HTTPRequest(operation.method, operation.sampleTarget, fields: fields)
                try await expectProblem(
                    await responder.respond(to: request), .forbidden, "permission_denied",
                    "\(operation.name) as \(name)")
            }
        }
    }

    /// Everything but one thing: that what is refused is what the route names, and nothing less.
    @Test(arguments: services)
    func eachPermissionIsAskedForByItself(server: PublishedServer) async throws {
        let (responder, routes) = try server.server(tokens: issuer.authentication, appToken: Self.appToken)
        func post(_ target: String, _ body: JSONValue) async throws {
            let fields: HTTPFields = [
                "Authorization": "Bearer \(PublishedServer.adminKey)", "Content-Type": "application/json",
            ]
            let answer = await responder.respond(
                to: HTTPRequest(.post, target, fields: fields, body: .bytes(JSONWriter.bytes(body))))
            try #require(answer.status == .created)
        }
        let operations = routes.map { Operation($0) }.filter { $0.permission != nil }
        for permission in Set(operations.compactMap(\.permission)).sorted() {
            let subject = JSONValue.string("all-but-\(permission)")
            try await post("/policies", ["sub": subject, "obj": "*", "act": "*"])
            try await post(
                "/policies", ["sub": subject, "obj": "*", "act": .string(permission), "eft": "deny"])
        }
        for operation in operations {
            let permission = try #require(operation.permission)
            let token = issuer.token(for: "all-but-\(permission)")
            let request = HTTPRequest(operation.method, operation.sampleTarget, fields: bearer(token))
            try await expectProblem(
                await responder.respond(to: request), .forbidden, "permission_denied",
                "\(operation.name) without \(permission)")
        }
    }

    @Test(arguments: PublishedServer.allCases)
    func whoeverMayGetsPast(server: PublishedServer) async throws {
        let (responder, routes) = try server.server(tokens: issuer.authentication, appToken: Self.appToken)
        for operation in routes.map({ Operation($0) }) where operation.permission != nil {
            let answer = await responder.respond(
                to: HTTPRequest(operation.method, operation.sampleTarget, fields: bearer(PublishedServer.adminKey)))
            #expect(answer.status != .unauthorized && answer.status != .forbidden, "\(operation.name)")
        }
    }
}
