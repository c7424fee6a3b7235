import HTTP
import JSON

/// `slipway services rollback`
let rollBackServiceCommand = Command(
    "rollback", "Serve again what a service served before; a canary is taken down", arguments: [serviceArgument],
    flags: [
        .init("revision", value: "N", "which revision; the last one that served something else by default"),
        .init("wait", "wait until it runs so, and show what it goes through"), timeoutFlag,
    ],
    examples: ["slipway services rollback tiny-chat --wait", "slipway services rollback tiny-chat --revision 3"]
) { invocation throws(CommandFailure) in
    let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
    var body = JSONObject()
    body["revision"] = try invocation.arguments.integer("revision", in: 1...Int64(Int32.max)).map { .integer($0) }
    let answer = try await invocation.client.call(
        .post, "/model_services/\(id)/rollback", of: .modelServing, body: .object(body))
    try await invocation.showWanted(answer.body, id: id)
}
