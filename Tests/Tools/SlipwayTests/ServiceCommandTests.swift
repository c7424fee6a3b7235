import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct ServiceCommandTests {
    static let id = "0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let service: JSONValue = [
        "id": .string(id), "name": "tiny", "status": "running", "revision": 4, "replicas": 2, "ready_replicas": 3,
        "balancing": "prefix_affinity", "flow_control": ["concurrency": 8, "queue_length": 50],
        "resource_requirements": ["cpu": "500m", "memory": "512Mi"], "canary_percent": 10,
        "traffic": [["revision": 1, "percent": 90], ["revision": 4, "percent": 10]],
    ]

    /// ModelServing with one service, which it answers to everything, and a registry with one model.
    private static func platform(_ changed: JSONValue = service) -> ScriptedTransport {
        ScriptedTransport { exchange in
            switch (exchange.request.method, exchange.request.path) {
            case (.get, "/models"): return .json(200, ["models": [["name": "tiny-chat", "id": "m"]]])
            case (.get, "/model_services/\(id)"): return .json(200, service, fields: ["ETag": "\"7\""])
            case (.put, "/model_services/\(id)"): return .json(200, changed)
            case (.post, "/model_services/\(id)/rollback"): return .json(202, changed)
            case (.post, "/model_services"): return .json(202, ["id": .string(id)])
            default: return .problem(404, "No route \(exchange.line).")
            }
        }
    }

    private func sent(_ words: String...) async -> (body: JSONValue?, precondition: String?, run: CommandRun) {
        let transport = Self.platform()
        let run = await CommandRun(words: words, in: folder, transport: transport)
        let exchange = transport.exchanges.first { $0.request.method != .get }
        return (exchange?.body, exchange?.request.fields["If-Match"], run)
    }

    @Test func sendsOnlyWhatIsSaidAndOnlyOverWhatWasRead() async {
        let (body, precondition, run) = await sent(
            "services", "update", Self.id, "--model", "tiny-chat:2", "--canary-percent", "10", "--replicas", "0")
        #expect(run.status == .succeeded, "\(run.notes)")
        #expect(body == ["model_id": "m", "version": "2", "canary_percent": 10, "replicas": 0])
        #expect(precondition == "\"7\"")
        #expect(run.output == "Revision 4 of tiny is wanted. slipway services wait tiny shows how it goes.\n")
    }

    @Test func keepsWhatIsNotSaidOfNeedsAndLimits() async {
        let (body, _, _) = await sent(
            "services", "update", Self.id, "--cpu", "2", "--concurrency", "none", "--queue-seconds", "30",
            "--balancing", "least_outstanding")
        #expect(
            body == [
                "resource_requirements": ["cpu": "2", "memory": "512Mi"], "balancing": "least_outstanding",
                "flow_control": ["queue_length": 50, "queue_seconds": 30],
            ])
    }

    @Test(arguments: [
        ("vllm", ["kind": "vllm"] as JSONValue), ("none", JSONValue.null),
        (#"{"kind":"vllm","context_length":512}"#, ["kind": "vllm", "context_length": 512] as JSONValue),
    ])
    func takesAnEngineAsAWordOrAnObject(text: String, engine: JSONValue) async {
        let (body, _, _) = await sent("services", "update", Self.id, "--engine", text)
        #expect(body == ["engine": engine])
    }

    @Test func takesRuntimeOptionsAsTextOrFile() async throws {
        try LocalFile.write(#"{"image": "a/b:1"}"#, to: folder.path + "/options.json")
        for text in ["options.json", #"{"image":"a/b:1"}"#] {
            let (body, _, run) = await sent("services", "update", Self.id, "--runtime-options", text)
            #expect(body == ["runtime_options": ["image": "a/b:1"]], "\(run.notes)")
        }
    }

    @Test(arguments: [
        ([], "Nothing is said that should change."), (["--canary-percent", "0"], "--canary-percent is \"0\""),
        (["--queue-seconds", "601"], "--queue-seconds is \"601\""), (["--concurrency", "many"], "--concurrency is"),
        (["--engine", "{"], "--engine is no JSON"), (["--runtime-options", "{}]"], "--runtime-options is no JSON"),
    ])
    func refusesToSendNothingOrNonsense(words: [String], message: String) async {
        let transport = Self.platform()
        let run = await CommandRun(words: ["services", "update", Self.id] + words, in: folder, transport: transport)
        #expect(run.status == .usage)
        #expect(run.notes.contains(message))
        #expect(transport.exchanges.allSatisfy { $0.request.method == .get })
    }

    @Test func saysWhenThereIsNoCanary() async {
        let run = await CommandRun(
            "services", "update", Self.id, "--canary-percent", "10", in: folder,
            transport: Self.platform(["name": "tiny", "revision": 4]))
        #expect(run.status == .succeeded)
        #expect(run.notes.contains("There is no canary"))
    }

    @Test func waitsUntilItRunsSo() async {
        let (_, _, run) = await sent("services", "update", Self.id, "--canary-percent", "20", "--wait")
        #expect(run.status == .succeeded)
        #expect(run.output.contains("status:"))
    }

    @Test func rollsBackToTheLastOrToANamedRevision() async {
        let last = await sent("services", "rollback", Self.id)
        #expect(last.body == [:] && last.run.status == .succeeded)
        #expect(last.run.output.contains("Revision 4 of tiny is wanted."))
        #expect(await sent("services", "rollback", Self.id, "--revision", "3").body == ["revision": 3])
    }

    @Test func createsWithBalancingAndLimits() async {
        let (body, _, run) = await sent(
            "services", "create", "tiny", "--model", "tiny-chat", "--balancing", "prefix_affinity", "--concurrency",
            "4",
            "--queue-length", "0", "--cpu", "1")
        #expect(run.status == .succeeded, "\(run.notes)")
        #expect(body?["balancing"] == "prefix_affinity")
        #expect(body?["flow_control"] == ["concurrency": 4, "queue_length": 0])
        #expect(body?["resource_requirements"] == ["cpu": "1"] && body?["version"] == "latest")
        let plain = await sent("services", "create", "tiny", "--model", "tiny-chat")
        #expect(plain.body?["flow_control"] == nil && plain.body?["balancing"] == nil)
    }

    @Test func showsHowTrafficIsSpread() async {
        let run = await CommandRun("services", "get", Self.id, in: folder, transport: Self.platform())
        let lines = run.output.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
        let values = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1].drop { $0 == " " }) }) { $1 }
        #expect(values["ready"] == "3 of 2, and a canary beside them")
        #expect(values["balancing"] == "prefix_affinity")
        #expect(values["flow control"] == "concurrency 8, queue_length 50")
        #expect(values["canary"] == "10 percent of the requests")
        #expect(values["traffic"] == "revision 1: 90 %, revision 4: 10 %")
    }
}
