import HTTP
import JSON
import TestSupport
import Testing

/// Whatever is sent, the answer is a problem document of class 4xx that names the field.
struct BadInputTests {
    let serving: ServingUnderTest
    var server: InProcessServer { serving.server }

    init() throws { serving = try ServingUnderTest() }

    struct Sample: Sendable, CustomTestStringConvertible {
        let field: String
        let member: (String, JSONValue)
        var testDescription: String { "\(field): \(JSONWriter.text(member.1).prefix(40))" }

        init(_ field: String, _ name: String, _ value: JSONValue) {
            self.field = field
            member = (name, value)
        }
    }

    static let long = JSONValue.string(String(repeating: "n", count: 10_000))

    static let samples: [Sample] = [
        Sample("/model_id", "model_id", "x"), Sample("/model_id", "model_id", 7), Sample("/model_id", "model_id", long),
        Sample("/version", "version", 0), Sample("/version", "version", "a b"), Sample("/version", "version", 1.5),
        Sample("/version", "version", ""), Sample("/version", "version", "../x"), Sample("/version", "version", long),
        Sample("/replicas", "replicas", -1), Sample("/replicas", "replicas", 65), Sample("/replicas", "replicas", "2"),
        Sample("/replicas", "replicas", 1e300), Sample("/runtime", "runtime", "docker"),
        Sample("/runtime", "runtime", 1),
        Sample("/runtime", "runtime", "kuberay"), Sample("/visibility", "visibility", "secret"),
        Sample("/resource_requirements", "resource_requirements", []),
        Sample("/resource_requirements/tpu", "resource_requirements", ["tpu": 1]),
        Sample("/resource_requirements/cpu", "resource_requirements", ["cpu": "many"]),
        Sample("/resource_requirements/cpu", "resource_requirements", ["cpu": "-1"]),
        Sample("/resource_requirements/gpu", "resource_requirements", ["gpu": "500m"]),
        Sample("/resource_requirements/memory", "resource_requirements", ["memory": "99999999999999999999"]),
        Sample("/resource_requirements", "resource_requirements", ["cpu": "9000000000000000"]),
        Sample("/resource_group", "resource_group", long), Sample("/location", "location", "a\u{0}"),
        Sample("/pool_labels", "pool_labels", ["a b": "c"]), Sample("/pool_labels/a", "pool_labels", ["a": 1]),
        Sample("/placement", "placement", "anywhere"), Sample("/placement", "placement", []),
        Sample("/balancing", "balancing", "round_robin"), Sample("/balancing", "balancing", 1),
        Sample("/canary_percent", "canary_percent", 0), Sample("/canary_percent", "canary_percent", 101),
        Sample("/canary_percent", "canary_percent", 1.5), Sample("/canary_percent", "canary_percent", "10%"),
        Sample("/flow_control", "flow_control", 4), Sample("/flow_control", "flow_control", []),
        Sample("/flow_control/concurrency", "flow_control", ["concurrency": 0]),
        Sample("/flow_control/concurrency", "flow_control", ["concurrency": 10_001]),
        Sample("/flow_control/queue_length", "flow_control", ["queue_length": -1]),
        Sample("/flow_control/queue_length", "flow_control", ["queue_length": 10_001]),
        Sample("/flow_control/queue_seconds", "flow_control", ["queue_seconds": 0]),
        Sample("/flow_control/queue_seconds", "flow_control", ["queue_seconds": "1s"]),
        Sample("/flow_control/queue_size", "flow_control", ["queue_size": 1]),
        Sample("/modelid", "modelid", 1), Sample("/status", "status", "running"),
    ]

    @Test(arguments: samples) func namesTheWrongField(sample: Sample) async throws {
        let path = try await serving.create("present")
        for (method, target) in [(HTTPMethod.post, "/model_services"), (.put, path)] {
            var body = JSONObject([("name", "present"), ("model_id", .string(ServingUnderTest.modelID))])
            if method == .post { body["name"] = "fresh" }
            body[sample.member.0] = sample.member.1
            let answer = try await server.send(method, target, .object(body))
            #expect(answer.status == 400, "\(method) \(answer.text)")
            #expect(answer.fields["Content-Type"] == "application/problem+json")
            #expect(answer.wrongFields == [sample.field], "\(method)")
        }
    }

    @Test(
        arguments: [
            nil, 7, "", "A", "a b", "a/b", "a\u{0}b", "-a", "a-", "ä", "a.b", ["a"], "a||b", "..", long,
        ] as [JSONValue]) func namesABadName(name: JSONValue) async throws
    {
        let answer = try await server.send(
            .post, "/model_services", ["name": name, "model_id": .string(ServingUnderTest.modelID)])
        #expect(answer.status == 400)
        #expect(answer.wrongFields == ["/name"])
    }

    @Test func namesEveryWrongFieldAtOnce() async throws {
        let answer = try await server.send(
            .post, "/model_services", ["name": "A", "replicas": "x", "colour": 1, "resource_requirements": ["x": 1]])
        #expect(
            answer.wrongFields.sorted() == ["/colour", "/model_id", "/name", "/replicas", "/resource_requirements/x"])
    }

    @Test(arguments: ["x", "1", "..%2f..", "%00", "0192-", "not-a-uuid-not-a-uuid-not-a-uuid-not"])
    func refusesABadID(id: String) async throws {
        for (method, part) in [
            (HTTPMethod.get, ""), (.put, ""), (.delete, ""), (.get, "/events"), (.get, "/logs"), (.get, "/instances"),
            (.post, "/retry"), (.post, "/rollback"), (.get, "/tokens"), (.post, "/tokens"),
        ] {
            let answer = try await server.send(method, "/model_services/\(id)\(part)", method == .put ? [:] : nil)
            #expect(answer.status == 400 || answer.status == 404, "\(method) \(part)")
            if answer.status == 400 { #expect(answer.wrongFields == ["id"], "\(method) \(part)") }
        }
    }

    @Test(arguments: [
        "/model_services?page_size=0", "/model_services?page_token=x", "/model_services?name=A", "/model_services?x=1",
        "/routes?x=1",
    ]) func refusesABadQuery(target: String) async throws {
        let answer = try await server.send(.get, target)
        #expect(answer.status == 400 && answer.wrongFields.count == 1)
    }

    @Test func refusesBadQueriesOfAService() async throws {
        let path = try await serving.create()
        for query in ["lines=0", "lines=10001", "lines=x", "line=1"] {
            let answer = try await server.send(.get, "\(path)/logs?\(query)")
            #expect(answer.status == 400 && answer.wrongFields.count == 1, "\(query)")
        }
        #expect(try await server.send(.get, "\(path)?x=1").status == 400)
        #expect(try await server.send(.patch, path, [:]).status == 405)
        let bad: [(JSONValue, String)] = [
            (["name": 1], "/name"), (["expires_at": "soon"], "/expires_at"),
            (["expires_at": "2020-01-01T00:00:00Z"], "/expires_at"), (["expires_in_seconds": 0], "/expires_in_seconds"),
            (["expires_in_seconds": 9, "expires_at": "2099-01-01T00:00:00Z"], "/expires_at"), (["x": 1], "/x"),
            (["requests_per_minute": 0], "/requests_per_minute"),
            (["requests_per_minute": 1_000_001], "/requests_per_minute"),
            (["requests_per_minute": "9"], "/requests_per_minute"),
            (["tokens_per_minute": 1_000_000_001], "/tokens_per_minute"),
            (["tokens_per_minute": 0.5], "/tokens_per_minute"),
        ]
        for (body, field) in bad {
            let answer = try await server.send(.post, "\(path)/tokens", body)
            #expect(answer.status == 400 && answer.wrongFields == [field], "\(field)")
        }
    }

    @Test(arguments: ["", "{", "[]", "nul", "{\"name\":\"a\",\"name\":\"b\"}", "\u{0}"])
    func refusesWhatIsNoJSONObject(text: String) async throws {
        let request = HTTPRequest(
            .post, "/model_services",
            fields: ["Authorization": "Bearer \(InProcessServer.adminKey)", "Content-Type": "application/json"],
            body: HTTPBody(text))
        let answer = try await server.send(request)
        #expect(answer.status == 400 && answer.code == "invalid_request")
    }
}
