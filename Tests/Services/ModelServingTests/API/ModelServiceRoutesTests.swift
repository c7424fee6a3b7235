import Dapr
import Domain
import HTTP
import JSON
import ModelServingCore
import TestSupport
import Testing

struct ModelServiceRoutesTests {
    let serving: ServingUnderTest
    var server: InProcessServer { serving.server }

    init() throws { serving = try ServingUnderTest() }

    @Test func acceptsWhatIsWantedAndTellsWhatBecameOfIt() async throws {
        let created = try await server.send(
            .post, "/model_services",
            ServingUnderTest.wanted("chat", [("replicas", 2), ("version", 3), ("visibility", "public")]))
        #expect(created.status == 202)
        let id = try #require(created.json["id"]?.stringValue)
        #expect(created.fields["Location"] == "/model_services/\(id)")
        #expect(created.json["instance_ids"]?.arrayValue?.count == 2)
        let before = try await serving.get("/model_services/\(id)")
        #expect(before["status"] == "creating")
        #expect(before["instances"]?.arrayValue?.compactMap { $0["phase"]?.stringValue } == ["pending", "pending"])

        try await serving.settle()
        let answer = try await server.send(.get, "/model_services/\(id)")
        #expect(answer.fields["ETag"] == "\"1\"")
        let service = answer.json
        #expect(service["status"] == "running")
        #expect(service["name"] == "chat")
        #expect(service["model_id"] == .string(ServingUnderTest.modelID))
        #expect(service["model_version"] == "3" && service["resolved_version"] == 3)
        #expect(service["endpoint"] == "http://gateway:8088/services/chat")
        #expect(service["resource_requirements"] == ["cpu": "500m"])
        #expect(service["runtime"] == "process" && service["visibility"] == "public")
        #expect(service["replicas"] == 2 && service["ready_replicas"] == 2 && service["revision"] == 1)
        #expect(service["traffic"] == [["revision": 1, "percent": 100]])
        #expect(service["operator_action"] == nil && service["next_retry_at"] == nil && service["failure"] == nil)
        #expect(
            service["conditions"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
                == ["ModelResolved", "ResourcesClaimed", "Deployed", "Ready"])
        let instance = try #require(service["instances"]?.arrayValue?.first)
        #expect(instance["status"] == "running" && instance["node"] == "here")
        #expect(instance["run_time"]?.stringValue?.hasSuffix("s") == true)
        #expect(serving.neighbours.held.count == 2)
        // Once with the credentials of the caller, who must be able to read the model, then as this service.
        let admin = "Bearer \(InProcessServer.adminKey)"
        let calls = serving.neighbours.calls
        #expect(calls.first?.authorization == admin && calls.first?.target.hasPrefix("/models/") == true)
        #expect(calls.dropFirst().allSatisfy { $0.authorization == nil } && calls.count > 1)
    }

    @Test func takesTheIDOfAnInstanceForThatOfItsService() async throws {
        let path = try await serving.create()
        let service = try await serving.get(path)
        let instance = try #require(service["instances"]?.arrayValue?.first?["id"]?.stringValue)
        #expect(try await serving.get("/model_services/\(instance)") == service)
        for part in ["/instances", "/instances/\(instance)", "/events", "/logs", "/tokens"] {
            #expect(try await server.send(.get, "/model_services/\(instance)\(part)").status == 200, "\(part)")
        }
        #expect(try await server.send(.delete, "/model_services/\(instance)").status == 202)
        try await serving.settle()
        #expect(try await server.send(.get, "/model_services/\(instance)").status == 404)
        #expect(try await server.send(.get, path).status == 404)
    }

    @Test func answersARepeatedCreationOnce() async throws {
        let key: HTTPFields = ["Idempotency-Key": "once"]
        let first = try await server.send(.post, "/model_services", ServingUnderTest.wanted(), fields: key)
        let again = try await server.send(.post, "/model_services", ServingUnderTest.wanted(), fields: key)
        #expect(first.json == again.json && again.status == 202)
        let other = try await server.send(.post, "/model_services", ServingUnderTest.wanted("other"), fields: key)
        #expect(other.status == 422 && other.code == "idempotency_key_reused")
        let taken = try await server.send(.post, "/model_services", ServingUnderTest.wanted())
        #expect(taken.status == 409 && taken.code == "name_taken")
        #expect(try await serving.get("/model_services")["model_services"]?.arrayValue?.count == 1)
    }

    @Test func createsOneServiceWhoeverAsksAndWhateverIsLost() async throws {
        let key: HTTPFields = ["Idempotency-Key": "once"]
        serving.store.faults.lostAnswer = 1
        #expect(try await server.send(.post, "/model_services", ServingUnderTest.wanted(), fields: key).status == 503)
        serving.store.faults = .init(conflict: 0.2)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await server.send(.post, "/model_services", ServingUnderTest.wanted(), fields: key).text
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(try await serving.get("/model_services")["model_services"]?.arrayValue?.count == 1)
    }

    @Test func listsInPagesAndByName() async throws {
        for number in 0..<7 {
            _ = try await serving.create("chat-\(number)")
            serving.time.advance(by: .milliseconds(1))
        }
        var names: [String] = []
        var target = "/model_services?page_size=3"
        for _ in 0..<3 {
            let page = try await serving.get(target)
            names += (page["model_services"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            target = "/model_services?page_size=3&page_token=\(page["next_page_token"]?.stringValue ?? "")"
        }
        #expect(names == (0..<7).map { "chat-\($0)" })
        let one = try await serving.get("/model_services?name=chat-3")
        #expect(one["model_services"]?.arrayValue?.count == 1)
        #expect(try await serving.get("/model_services?name=none")["model_services"] == [])
    }

    @Test func changesOnlyWhatIsNamedAndOnlyIfNobodyElseDid() async throws {
        let path = try await serving.create()
        try await serving.settle()
        let changed = try await server.send(.put, path, ["replicas": 2], fields: ["If-Match": "\"1\""])
        #expect(changed.status == 200)
        #expect(changed.fields["ETag"] == "\"2\"")
        #expect(changed.json["resource_requirements"] == ["cpu": "500m"])
        let stale = try await server.send(.put, path, ["replicas": 3], fields: ["If-Match": "\"1\""])
        #expect(stale.status == 412)
        let renamed = try await server.send(.put, path, ["name": "other"])
        #expect(renamed.status == 400 && renamed.wrongFields == ["/name"])
        #expect(try await server.send(.put, path, ["name": "chat", "version": "9"]).status == 200)
        let elsewhere = try await server.send(
            .put, path, ["model_id": "01920000-0000-7000-8000-0000000000bb"])
        #expect(elsewhere.wrongFields == ["/version"])
        try await serving.settle()
        let service = try await serving.get(path)
        #expect(service["ready_replicas"] == 2 && service["resolved_version"] == 9 && service["status"] == "running")
        #expect(try await server.send(.delete, path, fields: ["If-Match": "\"1\""]).status == 412)
    }

    @Test(arguments: [403, 404, 400]) func aModelThatTheCallerMayNotReadIsNotThere(status: Int) async throws {
        serving.neighbours.answer(
            "model-management", .success(ScriptedNeighbours.problem(HTTPStatus(status), "words", "alice may not")))
        let refused = try await server.send(.post, "/model_services", ServingUnderTest.wanted())
        #expect(refused.status == 422 && refused.code == "model_not_found")
        #expect(!refused.text.contains("alice may not"))
        let dry = try await server.send(.post, "/model_services:validate", ServingUnderTest.wanted())
        #expect(dry.json["valid"] == false && !dry.text.contains("alice may not"))
        serving.neighbours.answer("model-management", nil)
        let path = try await serving.create()
        serving.neighbours.answer("model-management", .success(ScriptedNeighbours.problem(403, "words", "no")))
        #expect(try await server.send(.put, path, ["version": "2"]).code == "model_not_found")
        #expect(try await server.send(.put, path, ["replicas": 2]).status == 200)
    }

    @Test func nothingIsCreatedWhileModelManagementIsAway() async throws {
        serving.neighbours.answer("model-management", .failure(.appUnavailable(appID: "model-management", "x")))
        let refused = try await server.send(.post, "/model_services", ServingUnderTest.wanted())
        #expect(refused.status == 503 && refused.fields["Retry-After"] != nil)
        #expect(refused.code == "model_management_unavailable")
    }

    @Test func rollsBackAndRetries() async throws {
        let path = try await serving.create("chat", [("version", "latest")])
        try await serving.settle()
        #expect(try await server.send(.post, "\(path)/rollback").code == "nothing_to_roll_back")
        _ = try await server.send(.put, path, ["version": "17"])
        try await serving.settle()
        let failed = try await serving.get(path)
        #expect(failed["status"] == "degraded", "the old revision still serves")
        #expect(failed["failure"]?["reason"] == "ModelNotFound")
        #expect(failed["operator_action"]?.stringValue?.isEmpty == false)
        let back = try await server.send(.post, "\(path)/rollback")
        #expect(back.status == 202 && back.json["model_version"] == "3" && back.json["revision"] == 3)
        try await serving.settle()
        #expect(try await serving.get(path)["status"] == "running")
        let unknown = try await server.send(.post, "\(path)/rollback", ["revision": 99])
        #expect(unknown.status == 404)
        #expect(try await server.send(.post, "\(path)/rollback", ["revison": 1]).wrongFields == ["/revison"])

        serving.runtime.fail(Failure(.digestMismatch, "as told"))
        let bad = try await serving.create("bad")
        try await serving.settle()
        #expect(try await serving.get(bad)["status"] == "error")
        serving.runtime.fail(nil)
        #expect(try await server.send(.post, "\(bad)/retry").status == 202)
        try await serving.settle()
        #expect(try await serving.get(bad)["status"] == "running")
    }

    @Test func anEngineAndWhatRuntimesKnowAreKeptAsTheyWereSaid() async throws {
        let engine: JSONValue = [
            "kind": "vllm", "context_length": 512, "data_type": "float32", "tensor_parallel_size": 2,
            "adapters": [["name": "sql", "path": "adapters/sql"]],
            "arguments": ["enforce-eager": true, "gpu-memory-utilization": 0.5, "max-num-seqs": 2],
        ]
        let options: JSONValue = [
            "image": "a/b:1", "image_pull_secrets": ["s"], "node_selector": ["zone": "a"],
            "tolerations": [["key": "gpu", "operator": "Exists", "effect": "NoSchedule", "toleration_seconds": 3]],
            "command": ["serve", "{port}"], "port": 9000, "health_path": "/ok", "environment": ["A": "b"],
            "import_path": "a:b", "deployment": "C", "working_dir": "https://x/y.zip",
            "application_arguments": ["deep": [1, ["x": true]]],
            "autoscaling": ["min_replicas": 0, "max_replicas": 3, "target_ongoing_requests": 1.5],
            "start_seconds": 60, "max_surge": 1, "max_unavailable": 0,
        ]
        let path = try await serving.create("chat", [("engine", engine), ("runtime_options", options)])
        var service = try await serving.get(path)
        #expect(service["engine"] == engine)
        #expect(service["runtime_options"] == options)
        let cleared = try await server.send(.put, path, ["engine": nil, "runtime_options": [:]])
        #expect(cleared.status == 200)
        service = try await serving.get(path)
        #expect(service["engine"] == nil && service["runtime_options"] == nil)
        #expect(service["revision"] == 2)
        #expect(service["revisions"]?.arrayValue?.first?["engine"] == engine)
    }

    @Test func whatIsWrongWithAnEngineIsToldByItsField() async throws {
        let engine: JSONValue = [
            "context_length": 0, "data_type": 3, "adapters": [["name": "a"], ["name": "a", "path": "p"]],
            "arguments": ["x": [1]], "colour": 1,
        ]
        let options: JSONValue = [
            "port": 80, "health_path": "ok", "tolerations": [["operator": "Exists", "value": "x"]],
            "autoscaling": ["min_replicas": 4, "max_replicas": 3, "target_ongoing_requests": 0],
            "application_arguments": "x", "command": [1], "environment": ["A": 1],
        ]
        let bad = try await server.send(
            .post, "/model_services:validate",
            ServingUnderTest.wanted("chat", [("engine", engine), ("runtime_options", options)]))
        let fields = bad.json["problems"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
        let expected: Set<String> = [
            "/engine/kind", "/engine/context_length", "/engine/data_type", "/engine/adapters/0/path",
            "/engine/adapters", "/engine/arguments", "/engine/colour", "/runtime_options/port",
            "/runtime_options/health_path", "/runtime_options/tolerations/0/value",
            "/runtime_options/autoscaling/max_replicas", "/runtime_options/autoscaling/target_ongoing_requests",
            "/runtime_options/application_arguments", "/runtime_options/command", "/runtime_options/environment/A",
        ]
        #expect(Set(fields) == expected)
    }

    @Test func aRuntimeRefusesWhatItDoesNotKnowAtOnce() async throws {
        serving.runtime.refuse([FieldProblem(field: "/runtime_options/image", message: "is not used here")])
        let refused = try await server.send(
            .post, "/model_services", ServingUnderTest.wanted("chat", [("runtime_options", ["image": "a"])]))
        #expect(refused.wrongFields == ["/runtime_options/image"])
        serving.runtime.refuse([FieldProblem(field: "model_definition", message: "there is none")])
        let path = try await serving.create("chat")
        try await serving.settle()
        let reason = try await serving.get(path)["failure"]?["reason"]?.stringValue
        #expect(reason?.hasPrefix("ModelDefinition") == true)
        serving.runtime.refuse([FieldProblem(field: "/engine", message: "is not known here")])
        #expect(try await server.send(.put, path, ["engine": ["kind": "vllm"]]).wrongFields == ["/engine"])
    }

    @Test func tellsWhichRuntimesThereAre() async throws {
        let runtimes = try await serving.get("/runtimes")["runtimes"]?.arrayValue ?? []
        #expect(runtimes.map { $0["name"] } == ["process", "ray", "kuberay", "kubernetes"])
        #expect(runtimes.map { $0["available"] } == [true, false, false, false])
        #expect(runtimes.dropFirst().allSatisfy { $0["reason"]?.stringValue?.isEmpty == false })
    }

    @Test func findsEveryProblemInADryRun() async throws {
        _ = try await serving.create("chat")
        let bad = try await server.send(
            .post, "/model_services:validate",
            ServingUnderTest.wanted("chat", [("version", "27"), ("runtime", "ray"), ("replicas", 65), ("colour", 1)]))
        #expect(bad.status == 200 && bad.json["valid"] == false)
        let fields = bad.json["problems"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
        #expect(fields.sorted() == ["/colour", "/model_id", "/name", "/replicas", "/runtime"])
        let huge = try await server.send(
            .post, "/model_services:validate",
            [
                "name": "b", "model_id": .string(ServingUnderTest.modelID),
                "resource_requirements": ["cpu": 99],
            ])
        #expect(huge.json["problems"]?.arrayValue?.map { $0["field"] } == ["/resource_requirements"])
        let good = try await server.send(.post, "/model_services:validate", ServingUnderTest.wanted("new"))
        #expect(good.json == ["valid": true, "problems": []])
        #expect(try await serving.get("/model_services")["model_services"]?.arrayValue?.count == 1)
    }

    @Test func showsEventsInstancesAndLogs() async throws {
        let path = try await serving.create()
        try await serving.settle()
        let events = try await serving.get("\(path)/events")["events"]?.arrayValue ?? []
        #expect(events.first?["reason"] == "Created" && events.last?["reason"] == "InstanceRunning")
        #expect(events.allSatisfy { $0["type"] == "Normal" && $0["time"]?.stringValue.flatMap(Timestamp.init) != nil })
        let instances = try await serving.get("\(path)/instances")["instances"]?.arrayValue ?? []
        let id = try #require(instances.first?["id"]?.stringValue)
        #expect(try await serving.get("\(path)/instances/\(id)") == instances.first)
        let logs = try await serving.get("\(path)/logs?lines=2")["logs"]?.arrayValue
        #expect(logs == [["instance_id": .string(id), "lines": ["second", "third"]]])
    }

    @Test func answers503WhileTheStoreIsAwayAndGoesOnAfterwards() async throws {
        let path = try await serving.create()
        serving.memory.outage = .sidecarUnavailable("away")
        for (method, target) in [(HTTPMethod.get, path), (.delete, path), (.get, "/routes"), (.get, "/model_services")]
        {
            let answer = try await server.send(method, target)
            #expect(answer.status == 503 && answer.fields["Retry-After"] != nil, "\(method) \(target)")
        }
        serving.memory.outage = nil
        try await serving.settle()
        #expect(try await serving.get(path)["status"] == "running")
    }
}
