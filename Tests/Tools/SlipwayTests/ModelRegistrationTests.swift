import HTTP
import JSON
import Synchronization
import Testing

@testable import slipway

@Suite struct ModelRegistrationTests {
    let folder: TemporaryFolder
    let registry = Registry()

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("abc", to: "tiny.gguf")
        try folder.write("models: []\n", to: "definition.yaml")
    }

    private func register(_ more: String...) async -> CommandRun {
        await CommandRun(
            words: ["models", "register", "tiny.gguf", "--name", "tiny"] + more, in: folder,
            transport: registry.transport)
    }

    @Test func sendsDigestSizeFormatAndDefinition() async {
        let run = await register("--definition", "definition.yaml")
        #expect(run.status == .succeeded)
        #expect(run.output == "Registered tiny version 1.\n")
        let version = registry.versions[0]
        #expect(version.cell("sha256") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(version["size_bytes"] == 3)
        #expect(version.cell("format") == "gguf")
        #expect(version.cell("model_definition") == "models: []\n")
        #expect(version.cell("model_file_url") == "file://\(folder.path)/tiny.gguf")
    }

    @Test func doesNothingTheSecondTime() async throws {
        _ = await register()
        let again = await register()
        #expect(again.output == "tiny version 1 is this file already; nothing was changed.\n")
        #expect(registry.versions.count == 1)
        try folder.write("abcd", to: "tiny.gguf")
        #expect(await register().output == "Registered tiny version 2.\n")
        #expect(registry.versions.count == 2)
    }

    @Test func addsAVersionWhenOnlyTheDefinitionChanged() async {
        _ = await register()
        #expect(await register("--definition", "definition.yaml").output == "Registered tiny version 2.\n")
    }

    @Test func refusesAFileThatIsNotTheOneDescribed() async {
        let run = await register("--sha256", String(repeating: "0", count: 64))
        #expect(run.status == .conflict)
        #expect(run.notes.contains(String(repeating: "0", count: 64)))
        #expect(run.notes.contains("ba7816bf"))
        #expect(registry.versions.isEmpty)
    }

    @Test func needsADigestForAFileElsewhere() async {
        let run = await CommandRun(
            "models", "register", "https://models.invalid/a.gguf", "--name", "a", in: folder,
            transport: registry.transport)
        #expect(run.status == .usage)
        #expect(run.notes.contains("--sha256 DIGEST is missing."))
    }

    @Test func saysWhichFileIsMissing() async {
        let run = await register("--definition", "nothing.yaml")
        #expect(run.status == .notFound)
        #expect(run.notes.contains("\(folder.path)/nothing.yaml"))
    }

    /// As much of ModelManagement as registering needs.
    final class Registry: Sendable {
        private let stored = Mutex((models: [String](), versions: [JSONValue]()))

        var versions: [JSONValue] { stored.withLock { $0.versions } }

        var transport: ScriptedTransport { ScriptedTransport { self.answer($0) } }

        private func answer(_ exchange: ScriptedTransport.Exchange) -> HTTPResponse {
            stored.withLock { stored in
                switch (exchange.request.method, exchange.request.path) {
                case (.post, "/models"):
                    let name = exchange.body.cell("name")
                    guard !stored.models.contains(name) else { return .problem(409, "The name is taken.") }
                    stored.models.append(name)
                    return .json(201, ["id": .string("id-of-\(name)")])
                case (.get, "/models"):
                    let models = stored.models.filter { exchange.request.query == "name=\($0)" }.map {
                        JSONValue(["name": .string($0), "id": .string("id-of-\($0)")])
                    }
                    return .json(200, ["models": .array(models)])
                case (.get, "/models/id-of-tiny/versions"):
                    return .json(200, ["versions": .array(stored.versions.map(withoutDefinition))])
                case (.get, let path) where path.hasPrefix("/models/id-of-tiny/versions/"):
                    return .json(200, stored.versions[(Int(path.split(separator: "/")[3]) ?? 0) - 1])
                case (.post, "/models/id-of-tiny/versions"):
                    guard case .object(var version) = exchange.body else { return .problem(400, "No object.") }
                    version["version"] = .integer(Int64(stored.versions.count + 1))
                    stored.versions.append(.object(version))
                    return .json(201, ["version": .integer(Int64(stored.versions.count))])
                default: return .problem(404, "No route \(exchange.line).")
                }
            }
        }

        private func withoutDefinition(_ version: JSONValue) -> JSONValue {
            var object = version.objectValue ?? JSONObject()
            object["model_definition"] = nil
            return .object(object)
        }
    }
}

extension JSONValue {
    fileprivate init(_ members: KeyValuePairs<String, JSONValue>) {
        self = .object(JSONObject(members.map { ($0.key, $0.value) }))
    }
}
