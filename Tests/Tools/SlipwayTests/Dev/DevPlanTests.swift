import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct DevPlanTests {
    let folder: TemporaryFolder
    let plan: DevPlan

    init() throws {
        folder = try TemporaryFolder()
        plan = DevPlan(
            project: ProjectDirectory(folder: folder.folder), ports: DevPorts(base: 8080, sidecar: 3500),
            programs: "/programs", searchPath: "/bin", sidecarToken: "one", appToken: "two")
    }

    @Test func startsWhoeverIsNeededFirst() {
        #expect(
            plan.processes.map(\.name) == [
                "sidecar", "model-management", "resource-management", "model-serving", "gateway",
            ])
        #expect(plan.processes.flatMap(\.ports) == [3501, 3502, 3500, 8081, 8082, 8080, 8088, 8089])
    }

    @Test func tellsTheSidecarWhereEachAppIs() {
        #expect(
            plan.processes[0].arguments == [
                "--app", "model-management=127.0.0.1:8081@3501", "--app", "resource-management=127.0.0.1:8082@3502",
                "--app", "model-serving=127.0.0.1:8080@3500", "--resources-path", "components/local",
                "--max-body-size", "16Mi", "--read-buffer-size", "64Ki", "--log-as-json",
            ])
        let serving = plan.processes.first { $0.name == "model-serving" }
        #expect(serving?.environment["PATH"] == "/bin:\(folder.path)/.venv/engines/bin")
    }

    @Test func takesTheProjectsAccessRulesIfItHasSome() throws {
        func policy(_ plan: DevPlan) -> [String?] {
            ["model-management", "resource-management", "model-serving"].map { name in
                plan.processes.first { $0.name == name }?.environment["SLIPWAY_ACCESS_POLICY_FILE"]
            }
        }
        #expect(policy(plan) == [nil, nil, nil])
        try folder.write("", to: "config/access_policy.csv")
        let path = "\(folder.path)/config/access_policy.csv"
        #expect(policy(plan) == [path, path, path])
        var plan = plan
        plan.userEnvironment["SLIPWAY_ACCESS_POLICY_FILE"] = "mine.csv"
        #expect(policy(plan) == ["mine.csv", "mine.csv", "mine.csv"])
    }

    @Test func givesTheGatewaysKeyToTheGatewayAndToWhomItCalls() {
        let holders = plan.processes.filter { $0.environment["SLIPWAY_GATEWAY_KEY_FILE"] != nil }
        #expect(holders.map(\.name) == ["model-serving", "gateway"])
        let ofApps = plan.processes.filter { $0.environment["APP_API_TOKEN"] == "two" }
        #expect(ofApps.map(\.name) == ["sidecar", "model-management", "resource-management", "model-serving"])
        #expect(
            plan.processes.allSatisfy {
                ($0.environment["DAPR_API_TOKEN"] == "one") == ofApps.map(\.name).contains($0.name)
            })
    }

    @Test func tellsTheServicesOfTheUsersIssuerAndOfNothingElse() {
        var plan = plan
        plan.userEnvironment = ["SLIPWAY_JWT_ISSUER": "me", "SLIPWAY_JWKS_URL": "https://me/keys", "SECRET": "x"]
        for process in plan.processes {
            let isService = process.name.contains("-")
            #expect(process.environment["SLIPWAY_JWT_ISSUER"] == (isService ? "me" : nil))
            #expect(process.environment["SECRET"] == nil)
        }
    }

    @Test func putsNoSecretOnACommandLine() {
        for process in plan.processes {
            #expect(process.arguments.allSatisfy { $0 != "one" && $0 != "two" })
        }
    }

    @Test func writesAConfigurationThatTheOtherCommandsRead() throws {
        try folder.write(JSONWriter.text(plan.configuration), to: ".slipway/config.json")
        try folder.write("key", to: ".slipway/admin.key")
        let settings = try Settings(
            arguments: ParsedArguments(), environment: [:], workingFolder: folder.folder)
        #expect(settings.origin(of: .gateway) == HTTPOrigin(host: "127.0.0.1", port: 8088))
        #expect(try settings.credential() == "key")
    }

    @Test func refusesPortsThatSomebodyElseHas() throws {
        try folder.write(
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:1F98 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
            """, to: "proc/net/tcp")
        let surroundings = Slipway.Surroundings(
            environment: [:], workingFolder: folder.folder, terminal: RecordingTerminal(),
            transport: ScriptedTransport { _ in .problem(404, "") }, clock: StepClock())
        let stack = DevStack(plan, try Invocation(arguments: ParsedArguments(), in: surroundings))
        let failure = #expect(throws: CommandFailure.self) {
            try stack.checkPorts(ListeningPorts(root: "\(folder.path)/proc"))
        }
        #expect(failure?.status == .conflict)
        #expect(failure?.hints.first == "port 8088 for gateway: a process of another user listens there")
    }
}
