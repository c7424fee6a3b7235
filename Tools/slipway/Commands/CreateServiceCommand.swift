import HTTP
import JSON

/// `slipway services create`
let createServiceCommand = Command(
    "create", "Serve a model",
    arguments: [.init("NAME", "the service's name: its place on the gateway, and the model of OpenAI requests")],
    flags: [
        .init("model", value: "MODEL[:VERSION]", "what to serve: name or id, with a version number or an alias"),
        .init("replicas", value: "N", "instances, 1 by default"),
    ] + ServiceFields.resourceFlags + [
        .init("visibility", value: "WHO", "private (needs a token; the default) or public"),
        .init("runtime", value: "NAME", "where instances run, process by default; slipway runtimes lists them"),
        .init("resource-group", value: "NAME", "take the resources from this group of pools"),
    ] + ServiceFields.deploymentFlags + ServiceFields.trafficFlags + [
        .init("wait", "wait until it runs, and show what it goes through"), timeoutFlag,
    ],
    examples: [
        "slipway services create tiny-chat --model tiny-chat --cpu 500m --memory 512Mi --wait",
        "slipway services create tiny-chat --model tiny-chat:2 --replicas 2 --visibility public",
        "slipway services create chat --model llama --engine vllm --gpu 1 --wait --timeout 900",
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
    let (modelID, version) = try await ServiceFields.model(model, invocation.client)
    var body = JSONObject([
        ("name", .string(arguments.argument("NAME"))), ("model_id", modelID), ("version", version),
    ])
    body["resource_requirements"] = .object(ServiceFields.requirements(arguments))
    body["replicas"] = try arguments.integer("replicas", in: ServiceFields.replicas).map { .integer($0) }
    body["visibility"] = arguments.string("visibility").map { .string($0) }
    body["runtime"] = arguments.string("runtime").map { .string($0) }
    body["balancing"] = arguments.string("balancing").map { .string($0) }
    body["flow_control"] = try ServiceFields.flowControl(arguments).map { .object($0) }
    for field in try ServiceFields.deployment(invocation) { body[field.name] = field.value }
    body["resource_group"] = arguments.string("resource-group").map { .string($0) }
    return .object(body)
}
