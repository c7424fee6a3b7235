import HTTP
import JSON

/// `slipway services …`
let serviceCommands = Command(
    "services", "Serve models, and see how they do",
    examples: [
        "slipway services create tiny-chat --model tiny-chat --cpu 500m --memory 512Mi --wait",
        "slipway services list",
        "slipway services update tiny-chat --model tiny-chat:2 --canary-percent 10 --wait",
        "slipway services logs tiny-chat",
    ],
    group: [
        createServiceCommand, updateServiceCommand, rollBackServiceCommand,
        Command(
            "list", "List the services", examples: ["slipway services list"]
        ) { invocation throws(CommandFailure) in
            let services = try await invocation.client.list("/model_services", "model_services", of: .modelServing)
            let names = await invocation.client.modelNames()
            invocation.show(.array(services)) { _ in serviceTable(services, names) }
        },
        Command(
            "get", "Show a service and its instances", arguments: [serviceArgument],
            examples: ["slipway services get tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let service = try await invocation.client.service(invocation.arguments.argument("SERVICE"))
            let names = await invocation.client.modelNames()
            invocation.show(service) { describeService($0, names) }
        },
        Command(
            "delete", "Stop a service and give back what it holds", arguments: [serviceArgument],
            flags: [.init("wait", "wait until it is gone"), timeoutFlag],
            examples: ["slipway services delete tiny-chat --wait"]
        ) { invocation throws(CommandFailure) in
            try await deleteService(invocation)
        },
        Command(
            "wait", "Wait until a service runs, and show what it goes through", arguments: [serviceArgument],
            flags: [timeoutFlag], examples: ["slipway services wait tiny-chat --timeout 120"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
            let service = try await ServiceProgress(invocation).untilRunning(id: id)
            let names = await invocation.client.modelNames()
            invocation.show(service) { describeService($0, names) }
        },
        Command(
            "retry", "Clear a service's error and try again", arguments: [serviceArgument],
            examples: ["slipway services retry tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let name = invocation.arguments.argument("SERVICE")
            let id = try await invocation.client.serviceID(name)
            _ = try await invocation.client.call(.post, "/model_services/\(id)/retry", of: .modelServing)
            invocation.confirm("Trying again. slipway services wait \(name) shows how it goes.")
        },
        Command(
            "events", "Show what happened to a service, oldest first", arguments: [serviceArgument],
            examples: ["slipway services events tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
            let answer = try await invocation.client.call(.get, "/model_services/\(id)/events", of: .modelServing)
            invocation.show(answer.body, as: eventTable)
        },
        Command(
            "logs", "Show the last lines that a service's engines wrote", arguments: [serviceArgument],
            flags: [.init("lines", value: "N", "how many, 100 by default")],
            examples: ["slipway services logs tiny-chat --lines 20"]
        ) { invocation throws(CommandFailure) in
            try await showLogs(invocation)
        },
    ])

let serviceArgument = Command.Argument("SERVICE", "name or id of the service")
let timeoutFlag = Command.Flag("timeout", value: "SECONDS", "how long to wait, 120 by default")

private func serviceTable(_ services: [JSONValue], _ modelNames: [String: String]) -> String {
    var table = Table(["name", "status", "ready", "model", "owner", "visibility", "endpoint", "id"])
    for service in services {
        let model = modelNames[service.cell("model_id")] ?? service.cell("model_id")
        table.add([
            service.cell("name"), service.cell("status"),
            "\(service.cell("ready_replicas"))/\(service.cell("replicas"))",
            "\(model):\(service.cell("model_version"))", service.cell("owner_id"), service.cell("visibility"),
            service.cell("endpoint"), service.cell("id"),
        ])
    }
    return table.text
}

func describeService(_ service: JSONValue, _ modelNames: [String: String]) -> String {
    var details = Details()
    details.add("name", service.cell("name"))
    details.add("id", service.cell("id"))
    details.add("owner", service.cell("owner_id"))
    details.add("status", service.cell("status"))
    let beside = service["canary_percent"] == nil ? "" : ", and a canary beside them"
    details.add("ready", "\(service.cell("ready_replicas")) of \(service.cell("replicas"))\(beside)")
    details.add("what is wrong", service["failure"]?.cell("message"))
    details.add("what to do", service.cell("operator_action"))
    details.add("next retry", service.timeCell("next_retry_at"))
    details.add("endpoint", service.cell("endpoint"))
    details.add("visibility", service.cell("visibility"))
    details.add("model", modelNames[service.cell("model_id")] ?? service.cell("model_id"))
    details.add("model version", service.cell("model_version"))
    details.add("runtime", service.cell("runtime"))
    details.add("engine", service["engine"].map { JSONWriter.text($0) })
    details.add("runtime options", service["runtime_options"].map { JSONWriter.text($0) })
    details.add("each needs", service.pairsCell("resource_requirements"))
    details.add("balancing", service.cell("balancing"))
    details.add("flow control", service.pairsCell("flow_control"))
    details.add("revision", service.cell("revision"))
    details.add("canary", service["canary_percent"].map { "\($0.cell) percent of the requests" })
    details.add("traffic", trafficText(service))
    details.add("created", service.timeCell("created_at"))
    for condition in service["conditions"]?.arrayValue ?? [] {
        let message = condition.cell("message")
        let reason = [condition.cell("reason"), message].filter { !$0.isEmpty }.joined(separator: ": ")
        details.add(condition.cell("type"), "\(condition.cell("status"))\(reason.isEmpty ? "" : ", \(reason)")")
    }
    return details.text + "\n" + instanceTable(service["instances"]?.arrayValue ?? []).text
}

/// With what they say, if one of them says anything.
private func instanceTable(_ instances: [JSONValue]) -> Table {
    let says = instances.contains { $0["message"] != nil }
    var table = Table(["instance", "status", "phase", "revision", "requests", "url"] + (says ? ["says"] : []))
    for instance in instances {
        let columns = ["id", "status", "phase", "revision", "processed_requests", "url"] + (says ? ["message"] : [])
        table.add(columns.map { instance.cell($0) })
    }
    return table
}

/// `revision 1: 90 %, revision 2: 10 %`
private func trafficText(_ service: JSONValue) -> String {
    let shares = service["traffic"]?.arrayValue ?? []
    return shares.map { "revision \($0.cell("revision")): \($0.cell("percent")) %" }.joined(separator: ", ")
}

private func eventTable(_ document: JSONValue) -> String {
    var table = Table(["last seen", "times", "type", "reason", "message"])
    for event in document["events"]?.arrayValue ?? [] {
        table.add([
            event.timeCell("last_seen_at"), event.cell("count"), event.cell("type"), event.cell("reason"),
            event.cell("message"),
        ])
    }
    return table.text
}

private func showLogs(_ invocation: Invocation) async throws(CommandFailure) {
    let lines = try invocation.arguments.integer("lines", in: 1...10_000) ?? 100
    let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
    let answer = try await invocation.client.call(
        .get, "/model_services/\(id)/logs?lines=\(lines)", of: .modelServing)
    invocation.show(answer.body) { document in
        let logs = document["logs"]?.arrayValue ?? []
        return logs.map { log in
            let lines = log["lines"]?.arrayValue?.compactMap(\.stringValue) ?? [log.cell("text")]
            let title = logs.count > 1 ? "— \(log.cell("instance_id"))\n" : ""
            return title + lines.map { $0 + "\n" }.joined()
        }.joined()
    }
}

private func deleteService(_ invocation: Invocation) async throws(CommandFailure) {
    let name = invocation.arguments.argument("SERVICE")
    let id = try await invocation.client.serviceID(name)
    _ = try await invocation.client.call(.delete, "/model_services/\(id)", of: .modelServing)
    try EndpointTokenStore(client: invocation.client, terminal: invocation.terminal).forget(name)
    guard invocation.arguments.isOn("wait") else {
        return invocation.confirm("Stopping \(name).")
    }
    try await ServiceProgress(invocation).untilGone(id: id)
    invocation.confirm("\(name) is gone; what it held is free.")
}

extension PlatformClient {
    func serviceID(_ nameOrID: String) async throws(CommandFailure) -> String {
        try await id(of: nameOrID, kind: "service", in: "/model_services", "model_services", of: .modelServing)
    }

    func service(_ nameOrID: String) async throws(CommandFailure) -> JSONValue {
        let id = try await serviceID(nameOrID)
        return try await call(.get, "/model_services/\(id)", of: .modelServing).body
    }
}
