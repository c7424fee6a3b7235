import HTTP
import JSON

/// `slipway services update`
let updateServiceCommand = Command(
    "update", "Want something else of a service; what is not named stays as it is", arguments: [serviceArgument],
    flags: [
        .init("model", value: "MODEL[:VERSION]", "what to serve: name or id, with a version number or an alias"),
        .init("canary-percent", value: "N", "try it with so much of the requests; 100 lets it take over"),
        .init("replicas", value: "N", "instances; 0 stops the service and keeps it"),
    ] + ServiceFields.resourceFlags + [
        .init("visibility", value: "WHO", "private (needs a token) or public")
    ] + ServiceFields.deploymentFlags + ServiceFields.trafficFlags + [
        .init("wait", "wait until it runs so, and show what it goes through"), timeoutFlag,
    ],
    examples: [
        "slipway services update tiny-chat --model tiny-chat:2 --canary-percent 10 --wait",
        "slipway services update tiny-chat --canary-percent 100",
        "slipway services update tiny-chat --balancing prefix_affinity --concurrency 8 --queue-length none",
    ]
) { invocation throws(CommandFailure) in
    let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
    let current = try await invocation.client.call(.get, "/model_services/\(id)", of: .modelServing)
    let wanted = try await changes(invocation, to: current.body)
    guard !wanted.members.isEmpty else {
        throw CommandFailure(
            .usage, "Nothing is said that should change.", hints: ["slipway services update --help says what can."])
    }
    // What was read goes into what is wanted: nobody may have changed it meanwhile.
    let fields: HTTPFields = current.etag.map { ["If-Match": $0] } ?? [:]
    let answer = try await invocation.client.call(
        .put, "/model_services/\(id)", of: .modelServing, body: .object(wanted), fields: fields)
    if let percent = wanted["canary_percent"]?.integerValue, percent < 100, answer.body["canary_percent"] == nil {
        invocation.terminal.noteLine("There is no canary: nothing else serves, beside which it could be tried.")
    }
    try await invocation.showWanted(answer.body, id: id)
}

private func changes(_ invocation: Invocation, to current: JSONValue) async throws(CommandFailure) -> JSONObject {
    let arguments = invocation.arguments
    var body = JSONObject()
    if let text = arguments.string("model") {
        let model = try await ServiceFields.model(text, invocation.client)
        body["model_id"] = model.id
        body["version"] = model.version
    }
    body["canary_percent"] = try arguments.integer("canary-percent", in: 1...100).map { .integer($0) }
    body["replicas"] = try arguments.integer("replicas", in: ServiceFields.replicas).map { .integer($0) }
    if ServiceFields.resourceFlags.contains(where: { arguments.string($0.name) != nil }) {
        let needs = ServiceFields.requirements(arguments, over: current["resource_requirements"])
        body["resource_requirements"] = .object(needs)
    }
    for field in try ServiceFields.deployment(invocation) { body[field.name] = field.value }
    body["visibility"] = arguments.string("visibility").map { .string($0) }
    body["balancing"] = arguments.string("balancing").map { .string($0) }
    body["flow_control"] = try ServiceFields.flowControl(arguments, over: current["flow_control"]).map { .object($0) }
    return body
}

extension Invocation {
    /// Says which revision of a service is wanted now, or with `--wait` shows how it comes.
    func showWanted(_ service: JSONValue, id: String) async throws(CommandFailure) {
        let name = service.cell("name")
        guard arguments.isOn("wait") else {
            return show(service) { service in
                "Revision \(service.cell("revision")) of \(name) is wanted. "
                    + "slipway services wait \(name) shows how it goes.\n"
            }
        }
        let running = try await ServiceProgress(self).untilRunning(id: id)
        let names = await client.modelNames()
        show(running) { describeService($0, names) }
    }
}
