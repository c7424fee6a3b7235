import JSON
import Testing

@testable import RayRuntime

@Suite struct ServeDeclarationTests {
    private static func state(_ applications: JSONValue, _ settings: [(String, JSONValue)] = []) throws -> ServeState {
        var object = try Recording.value("serve").objectValue ?? JSONObject()
        for (name, value) in settings { object[name] = value }
        object["applications"] = applications
        return try ServeState(.object(object))
    }

    private static func application(_ name: String, _ status: String = "RUNNING") -> JSONValue {
        [
            "status": .string(status), "source": "declarative",
            "deployed_app_config": ["name": .string(name), "args": ["x": 1]],
        ]
    }

    @Test func namesEverythingThatIsDeclared() throws {
        let state = try Self.state([
            "a": Self.application("a"), "b": Self.application("b", "DEPLOY_FAILED"),
            "c": Self.application("c", "UNHEALTHY"),
        ])
        var declaration = ServeDeclaration(state)
        declaration.declare("d", ["name": "d"])
        #expect(declaration.configurations.map(\.name) == ["a", "b", "c", "d"])
        #expect(declaration.body["applications"]?.arrayValue?.first == ["name": "a", "args": ["x": 1]])
        declaration.declare("b", ["name": "b", "args": ["x": 2]])
        declaration.withdraw("a")
        declaration.withdraw("nobody")
        #expect(
            declaration.body["applications"] == [
                ["name": "b", "args": ["x": 2]], ["name": "c", "args": ["x": 1]], ["name": "d"],
            ])
    }

    @Test func leavesOutWhatGoesAndWhatAProgramDeployed() throws {
        let state = try Self.state([
            "going": ["status": "DELETING", "source": "declarative", "deployed_app_config": .null],
            "program": ["status": "RUNNING", "source": "imperative", "deployed_app_config": .null],
            "stays": Self.application("stays"),
        ])
        #expect(ServeDeclaration(state).configurations.map(\.name) == ["stays"])
    }

    @Test func keepsWhatIsSetForAll() throws {
        let state = try Self.state([:], [("target_capacity", 50), ("proxy_location", "HeadOnly")])
        let body = ServeDeclaration(state, defaults: JSONObject([("http_options", ["port": 1])])).body
        #expect(body["http_options"]?["port"] == 8100)
        #expect(body["grpc_options"]?["port"] == 9000)
        #expect(body["target_capacity"] == 50)
        #expect(body["proxy_location"] == "HeadOnly")
        #expect(body["proxies"] == nil)
        #expect(body["target_groups"] == nil)
    }

    @Test func saysHowServeIsToBeStarted() throws {
        let state = try ServeState(try Recording.value("serve_not_started"))
        let body = ServeDeclaration(state, defaults: JSONObject([("http_options", ["port": 8123])])).body
        #expect(body == ["http_options": ["port": 8123], "applications": []])
    }

    @Test(arguments: [
        (#"{"a": 5, "b": [1, 2.0]}"#, #"{"b": [1.0, 2], "a": 5.0}"#, true),
        (#"{"a": null, "b": 1}"#, #"{"b": 1}"#, true),
        (#"{"a": 1}"#, #"{"a": 2}"#, false), (#"{"a": 1}"#, #"{"a": "1"}"#, false), (#"[1, 2]"#, #"[2, 1]"#, false),
        (#"[1]"#, #"[1, 1]"#, false), (#"{"a": {"b": 1}}"#, #"{"a": {"b": 1, "c": 0}}"#, false),
    ])
    func knowsWhatSaysTheSame(left: String, right: String, isSame: Bool) throws {
        let (left, right) = (try JSONParser.parse(left), try JSONParser.parse(right))
        #expect(left.saysTheSame(as: right) == isSame)
        #expect(right.saysTheSame(as: left) == isSame)
    }
}
