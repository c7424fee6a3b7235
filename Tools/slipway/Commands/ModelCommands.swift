import HTTP
import JSON

/// `slipway models …`
let modelCommands = Command(
    "models", "Register models and their versions, and look them up",
    examples: [
        "slipway models register tiny-chat.gguf --name tiny-chat --definition model-definition.yaml",
        "slipway models list",
    ],
    group: [
        Command(
            "register", "Add a model, or a version to one that exists",
            arguments: [.init("FILE", "path or URL of the model file")],
            flags: [
                .init("name", value: "NAME", "the model's name"),
                .init("definition", value: "FILE", "model definition file (YAML): how to start an engine for it"),
                .init("format", value: "FORMAT", "gguf, safetensors, onnx, …; the file's ending by default"),
                .init("description", value: "TEXT", "a sentence for people, for a new model"),
                .init("sha256", value: "DIGEST", "of the file; computed if the file is on this machine"),
            ],
            examples: ["slipway models register tiny-chat.gguf --name tiny-chat --definition model-definition.yaml"]
        ) { invocation throws(CommandFailure) in
            let registration = try ModelRegistration.Request(invocation)
            let result = try await ModelRegistration(client: invocation.client).register(registration)
            invocation.show(result.document) { _ in result.sentence + "\n" }
        },
        Command(
            "list", "List the models", examples: ["slipway models list", "slipway models list --output json"]
        ) { invocation throws(CommandFailure) in
            let models = try await invocation.client.list("/models", "models", of: .modelManagement)
            invocation.show(.array(models)) { _ in
                var table = Table(["name", "latest", "description", "created", "id"])
                for model in models {
                    let latest = model["versions"]?.arrayValue?.last?.cell("version") ?? ""
                    table.add([
                        model.cell("name"), latest, model.cell("description"), model.timeCell("created_at"),
                        model.cell("id"),
                    ])
                }
                return table.text
            }
        },
        Command(
            "get", "Show a model and its versions", arguments: [.init("MODEL", "name or id")],
            examples: ["slipway models get tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.modelID(invocation.arguments.argument("MODEL"))
            let model = try await invocation.client.call(.get, "/models/\(id)", of: .modelManagement).body
            invocation.show(model, as: describe)
        },
        Command(
            "delete", "Remove a model from the registry; its files stay", arguments: [.init("MODEL", "name or id")],
            examples: ["slipway models delete tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let name = invocation.arguments.argument("MODEL")
            let id = try await invocation.client.modelID(name)
            _ = try await invocation.client.call(.delete, "/models/\(id)", of: .modelManagement)
            invocation.confirm("Removed the model \(name).")
        },
    ])

extension PlatformClient {
    func modelID(_ nameOrID: String) async throws(CommandFailure) -> String {
        try await id(of: nameOrID, kind: "model", in: "/models", "models", of: .modelManagement)
    }
}

extension PlatformClient {
    /// Every model's name by its id, for tables; empty if the registry does not answer.
    func modelNames() async -> [String: String] {
        let models = try? await list("/models", "models", of: .modelManagement)
        return Dictionary(
            (models ?? []).map { ($0.cell("id"), $0.cell("name")) }, uniquingKeysWith: { first, _ in first })
    }
}

private func describe(_ model: JSONValue) -> String {
    var details = Details()
    details.add("name", model.cell("name"))
    details.add("id", model.cell("id"))
    details.add("description", model.cell("description"))
    details.add("owner", model.cell("owner_id"))
    details.add("aliases", model.pairsCell("aliases"))
    details.add("created", model.timeCell("created_at"))
    var table = Table(["version", "format", "size", "sha256", "file", "created"])
    for version in model["versions"]?.arrayValue ?? [] {
        table.add([
            version.cell("version"), version.cell("format"), version["size_bytes"]?.integerValue.map(byteText) ?? "",
            String(version.cell("sha256").prefix(12)), version.cell("model_file_url"), version.timeCell("created_at"),
        ])
    }
    return details.text + "\n" + table.text
}
