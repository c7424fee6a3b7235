import FoundationEssentials
import HTTP
import JSON
import Subprocess

/// The way from a model file to an answer, with the model that comes with the project.
struct Demo: Sendable {
    static let name = "tiny-chat"
    static let folder = "demo/tiny-chat"
    static let question = "who are you"
    static let installDeadline: Duration = .seconds(600)

    private let invocation: Invocation
    private let project: ProjectDirectory
    private let client: PlatformClient

    init(_ invocation: Invocation) {
        self.invocation = invocation
        project = invocation.settings.project
        client = invocation.client
    }

    func run(question: String?) async throws(CommandFailure) {
        let question = question ?? Self.question
        try await installEngine()
        let version = try await register()
        let service = try await serve(version)
        let tokens = EndpointTokenStore(client: client, terminal: invocation.terminal)
        try await tokens.ensure(for: Self.name)
        note("\n\(Self.name), \(question)?\n")
        try await ask(question, tokens)
        tellHowToGoOn(service)
    }

    private func installEngine() async throws(CommandFailure) {
        let engines = project.folder.resolve(".venv/engines")
        if !LocalFile.exists("\(engines)/bin/llama-server") {
            note("Installing the engine, llama.cpp's server, into .venv/engines (once, about 35 MB)")
        }
        let log = "\(project.logFolder)/install-engine.log"
        let request = SpawnRequest(
            arguments: [project.folder.resolve("demo/install-engine"), engines], environment: invocation.environment,
            workingDirectory: project.folder.path, outputFile: log)
        let status = try await ShortProcess(request, marker: ("SLIPWAY_INSTALL", project.folder.path))
            .run(within: Self.installDeadline)
        guard status == .code(0) else {
            var file = LogFile(path: log, fromStart: true)
            throw CommandFailure(
                .failed, "The engine was not installed: \(status).", hints: file.newLines().suffix(5).map { "  \($0)" })
        }
    }

    private func register() async throws(CommandFailure) -> Int64 {
        let file = project.folder.resolve("\(Self.folder)/tiny-chat.gguf")
        let digest = try FileDigest.of(file)
        let request = ModelRegistration.Request(
            name: Self.name, description: "283 thousand parameters, taught to answer six questions.",
            fileURL: "file://" + PercentEncoding.encodePath(file), sha256: digest.sha256,
            sizeBytes: digest.sizeBytes, format: "gguf",
            definition: try LocalFile.text(project.folder.resolve("\(Self.folder)/model-definition.yaml")))
        let result = try await ModelRegistration(client: client).register(request)
        note(result.sentence)
        return result.version
    }

    /// Makes the service, or finds the one of an earlier run, and waits until it runs.
    private func serve(_ version: Int64) async throws(CommandFailure) -> JSONValue {
        let progress = ServiceProgress(
            client: client, terminal: invocation.terminal, clock: invocation.clock,
            timeout: ServiceProgress.defaultTimeout)
        let found = try await client.find(
            named: Self.name, in: "/model_services", "model_services", of: .modelServing)
        if let found, let id = found["id"]?.stringValue {
            if found.cell("model_version") == String(version) {
                note("The service \(Self.name) is here already.")
                if found.cell("status") == "error" {
                    _ = try await client.call(.post, "/model_services/\(id)/retry", of: .modelServing)
                }
                return try await progress.untilRunning(id: id)
            }
            note("The service \(Self.name) goes over to version \(version).")
            _ = try await client.call(
                .put, "/model_services/\(id)", of: .modelServing, body: ["version": .string(String(version))])
            return try await progress.untilRunning(id: id)
        }
        note("Creating the service \(Self.name)")
        // A token of an earlier service of this name opens nothing.
        try EndpointTokenStore(client: client, terminal: invocation.terminal).forget(Self.name)
        let body: JSONValue = [
            "name": .string(Self.name), "model_id": .string(try await client.modelID(Self.name)),
            "version": .string(String(version)), "resource_requirements": ["cpu": "500m", "memory": "256Mi"],
            "visibility": "private",
        ]
        let answer = try await client.call(
            .post, "/model_services", of: .modelServing, body: body, fields: idempotencyKey())
        return try await progress.untilRunning(id: answer.body.cell("id"))
    }

    /// Streams the answer.
    private func ask(_ question: String, _ tokens: EndpointTokenStore) async throws(CommandFailure) {
        let question = ChatQuestion(service: Self.name, text: question, isStreamed: true)
        let fresh = FreshRoute(clock: invocation.clock)
        do throws(CommandFailure) {
            let token = try tokens.kept(for: Self.name)
            try await fresh.ask { () throws(CommandFailure) in try await stream(question, token) }
        } catch  where error.status == .notAllowed {
            // The kept token was revoked, or belonged to an earlier service.
            let token = try await tokens.make(for: Self.name)
            try await fresh.ask { () throws(CommandFailure) in try await stream(question, token) }
        }
    }

    private func stream(_ question: ChatQuestion, _ token: String?) async throws(CommandFailure) {
        try await ChatClient(client: client).stream(question, token: token) { invocation.terminal.write($0) }
        invocation.terminal.writeLine("")
    }

    private func tellHowToGoOn(_ service: JSONValue) {
        let gateway = client.settings.origin(of: .gateway)
        let message = #"[{"role": "user", "content": "what is dapr"}]"#
        note(
            """

            The endpoint is \(service.cell("endpoint")). To go on:

              curl -sN \(gateway)/v1/chat/completions \\
                -H "Authorization: Bearer $(cat .slipway/tokens/\(Self.name))" \\
                -d '{"model": "\(Self.name)", "stream": true, "messages": \(message)}'

              .build/debug/slipway infer \(Self.name) "what is vllm" --stream
              .build/debug/slipway services get \(Self.name)

            """)
    }

    private func note(_ line: String) { invocation.terminal.noteLine(line) }
}
