import Domain
import Testing

@testable import ProcessRuntime

@Suite struct ModelDefinitionReaderTests {
    static let complete = """
        models:
          - name: "simple-http-server"
            model_path: "/models"
            service:
              pre_start_actions:
                - action: write_file
                  args: {filename: /data/a.txt, body: "x\\n", mode: "600", append: True}
                - action: write_tempfile
                  args: {body: "print(1)"}
                - action: run_command
                  args: {command: ["python3", "--version"]}
                - action: mkdir
                  args: {path: /data/b}
                - action: log
                  args: {message: begun, debug: false}
              start_command:
                - python
                - -m
                - http.server
                - --directory
                - /data
                - 8000
              port: 8000
              environment: {OMP_NUM_THREADS: 2, NAME: "{model_name}"}
              health_check:
                path: /
                max_retries: 5
                interval: 0.5
                max_wait_time: 3
                expected_status_code: 204
        """

    @Test func readsEverythingThatAFileMayHold() throws {
        let definition = try #require(ModelDefinitionReader(Self.complete).definition)
        #expect(definition.name == "simple-http-server")
        #expect(definition.modelPath == "/models")
        #expect(definition.startCommand == ["python", "-m", "http.server", "--directory", "/data", "8000"])
        #expect(definition.port == 8000)
        #expect(definition.environment == ["OMP_NUM_THREADS": "2", "NAME": "{model_name}"])
        #expect(
            definition.preStartActions == [
                .writeFile(path: "/data/a.txt", body: "x\n", mode: 0o600, append: true),
                .writeTemporaryFile(body: "print(1)", mode: 0o644),
                .runCommand(["python3", "--version"]), .makeDirectory(path: "/data/b"),
                .log(message: "begun", debug: false),
            ])
        let check = definition.healthCheck
        #expect(check.path == "/" && check.maxRetries == 5 && check.expectedStatusCode == 204)
        #expect(check.interval == .milliseconds(500) && check.maxWaitTime == .seconds(3))
        #expect(check.startBudget == .seconds(3))
    }

    @Test func fillsInWhatIsLeftOut() throws {
        let text = "models: [{name: a, model_path: m, service: {start_command: [run]}}]"
        let definition = try #require(ModelDefinitionReader(text).definition)
        #expect(definition.port == nil)
        #expect(definition.healthCheck == HealthCheck())
        #expect(definition.healthCheck.path == nil)
        #expect(definition.healthCheck.interval == .seconds(10))
    }

    @Test func findsEveryProblemAtOnce() {
        let text = """
            modles: []
            models:
              - name: 7
                model_path: ../../etc
                colour: red
                service:
                  start_command: []
                  port: 70000
                  environment: {"A B": x, SLIPWAY_INSTANCE_ID: y}
                  helth_check: {}
                  pre_start_actions:
                    - action: reboot
                      args: {}
                    - action: write_file
                      args: {filename: /a/../../b, mode: 999, text: x}
                    - args: {}
                  health_check: {path: health, max_retries: -1, interval: fast, expected_status_code: 42}
            """
        let reader = ModelDefinitionReader(text)
        #expect(reader.definition == nil)
        let service = "model_definition/models/0/service"
        let fields = Set(reader.problems.map(\.field))
        for field in [
            "model_definition/modles", "model_definition/models/0/name", "model_definition/models/0/model_path",
            "model_definition/models/0/colour", "\(service)/start_command", "\(service)/port",
            "\(service)/environment", "\(service)/helth_check", "\(service)/pre_start_actions/0/action",
            "\(service)/pre_start_actions/1/args/filename", "\(service)/pre_start_actions/1/args/mode",
            "\(service)/pre_start_actions/1/args/text", "\(service)/pre_start_actions/1/args/body",
            "\(service)/pre_start_actions/2/action", "\(service)/health_check/path",
            "\(service)/health_check/max_retries", "\(service)/health_check/interval",
            "\(service)/health_check/expected_status_code",
        ] { #expect(fields.contains(field), "\(field) is not among \(fields.sorted())") }
        #expect(reader.problems.count { $0.field == "\(service)/environment" } == 2)
    }

    @Test(arguments: [
        "", "- a", "models: 7", "models: []", "models: [{}, {}]", "models: [7]", "a: [", "models: [{service: 7}]",
        "models: [{name: a, model_path: m}]", "a: &x 1\nb: *x", "models: [{name: a, model_path: m, service: []}]",
    ])
    func refusesWhatIsNoDefinition(text: String) {
        let reader = ModelDefinitionReader(text)
        #expect(reader.definition == nil)
        #expect(!reader.problems.isEmpty)
        #expect(reader.problems.allSatisfy { $0.field.hasPrefix("model_definition") })
    }
}

@Suite struct PlaceholdersTests {
    @Test(arguments: [
        ("{port}", "8000"), ("--port={port}", "--port=8000"), ("{port}{port}", "80008000"), ("{other}", "{other}"),
        ("{\"a\": {port}}", "{\"a\": 8000}"), ("{{port}}", "{8000}"), ("{port", "{port"), ("}{", "}{"), ("", ""),
        ("{port}/{model_file}", "8000//m/a b.gguf"),
    ])
    func replacesOnlyTheNamesThatItKnows(text: String, expanded: String) {
        let placeholders = Placeholders(["port": "8000", "model_file": "/m/a b.gguf"])
        #expect(placeholders.expand(text) == expanded)
    }

    @Test func keepsPathsInsideTheFolder() {
        #expect(FolderPath("/models//a/./b/").path(in: "/w") == "/w/models/a/b")
        #expect(FolderPath("/").path(in: "/w") == "/w")
        #expect(FolderPath.problem(in: "/a/../b") != nil)
        #expect(FolderPath.problem(in: "/a/..b") == nil)
    }
}
