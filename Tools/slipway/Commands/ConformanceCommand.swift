/// `slipway conformance`
let conformanceCommand = Command(
    "conformance", "Check, point by point, what an inference endpoint makes of its protocol",
    arguments: [.init("URL", "where it answers; any server, not only this platform's")],
    flags: [
        .init("protocol", value: "NAME", "v2 (Open Inference Protocol) or openai"),
        .init("model", value: "NAME", "a model that is there; openai: else the first in the list"),
        .init("token", value: "TOKEN", "sent as Authorization: Bearer TOKEN [SLIPWAY_TOKEN]"),
    ],
    examples: [
        "slipway conformance http://127.0.0.1:8088 --protocol openai --model tiny-chat",
        "slipway conformance http://127.0.0.1:8088 --protocol v2 --model iris --output json",
    ]
) { invocation throws(CommandFailure) in
    let arguments = invocation.arguments
    guard let spoken = try arguments.choice("protocol", ConformanceProtocol.self) else {
        throw CommandFailure(.usage, "--protocol is missing; it must be one of v2, openai.")
    }
    let endpoint = try ConformanceEndpoint(
        url: arguments.argument("URL"), token: arguments.string("token") ?? invocation.environment["SLIPWAY_TOKEN"],
        transport: invocation.client.transport)
    if let fault = await endpoint.absence(at: spoken.firstPath) {
        throw CommandFailure(.unavailable, "Nothing to check at \(endpoint.origin): \(fault).")
    }
    let model = arguments.string("model")
    let report =
        switch spoken {
        case .v2: await OpenInferenceConformance.run(endpoint, model: model)
        case .openai: await OpenAIConformance.run(endpoint, model: model)
        }
    invocation.show(report.document) { _ in report.table.text + "\n" + report.summary }
    let failed = report.count(.fail, .required)
    guard failed == 0 else { throw CommandFailure(.failed, "\(failed) required points are not met.") }
}
