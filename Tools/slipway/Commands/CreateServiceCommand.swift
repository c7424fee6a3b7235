import HTTP
import JSON

/// `slipway services create`
let createServiceCommand = Command(
    "create", "Serve a model",
    arguments: [.init("NAME", "the service's name: its place on the gateway, and the model of OpenAI requests")],
    flags: [
        .init("model", value: "MODEL[:VERSION]", "what to serve: name or id, with a version number or an alias"),
        .init("replicas", value: "N", "instances, 1 by default"),
        .init("cpu", value: "QUANTITY", "of each instance, as 500m or 2"),
        .init("memory", value: "QUANTITY", "of each instance, as 512Mi"),
        .init("gpu", value: "N", "devices of each instance"),
        .init("visibility", value: "WHO", "private (needs a token; the default) or public"),
        .init("runtime", value: "NAME", "where instances run, process by default"),
        .init("resource-group", value: "NAME", "take the resources from this group of pools"),
        .init("wait", "wait until it runs, and show what it goes through"), timeoutFlag,
    ],
    examples: [
        "slipway services create tiny-chat --model tiny-chat --cpu 500m --memory 512Mi --wait",
        "slipway services create tiny-chat --model tiny-chat:2 --replicas 2 --visibility public",
    ]
) { invocation throws(CommandFailure) in
    let request = try await serviceRequest(invocation)
    let answer = try await invocation.client.call(
        .post, "/model_services", of: .modelServing, body: request, fields: idempotencyKey())
    guard let id = answer.body["id"]?.stringValue else {
        throw CommandFailure(.failed, "model-serving did not say which service it made.")
    }
    let name = invocation.arguments.argument("NAME")
    guard invocation.arguments.isOn("wait") else {
        return invocation.show(answer.body) { _ in
            "Creating \(name). slipway services wait \(name) shows how it goes.\n"
        }
    }
    let service = try await ServiceProgress(invocation).untilRunning(id: id)
    let names = await invocation.client.modelNames()
    invocation.show(service) { describeService($0, names) }
}

private func serviceRequest(_ invocation: Invocation) async throws(CommandFailure) -> JSONValue {
    let arguments = invocation.arguments
    guard let model = arguments.string("model") else {
        throw CommandFailure(
            .usage, "--model MODEL is missing: what to serve.", hints: ["slipway models list shows what there is."])
    }
    let parts = model.split(separator: ":", maxSplits: 1).map(String.init)
    var body = JSONObject([
        ("name", .string(arguments.argument("NAME"))),
        ("model_id", .string(try await invocation.client.modelID(parts.first ?? model))),
        ("version", .string(parts.count == 2 ? parts[1] : "latest")),
    ])
    var needs = JSONObject()
    for resource in ["gpu", "cpu", "memory"] {
        needs[resource] = arguments.string(resource).map { .string($0) }
    }
    body["resource_requirements"] = .object(needs)
    body["replicas"] = try arguments.integer("replicas", in: 1...1000).map { .integer($0) }
    body["visibility"] = arguments.string("visibility").map { .string($0) }
    body["runtime"] = arguments.string("runtime").map { .string($0) }
    body["resource_group"] = arguments.string("resource-group").map { .string($0) }
    return .object(body)
}
