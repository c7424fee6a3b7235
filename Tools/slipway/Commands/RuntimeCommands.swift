import HTTP
import JSON

/// `slipway runtimes`
let runtimesCommand = Command(
    "runtimes", "List where services can be run, and why not elsewhere",
    examples: ["slipway runtimes"]
) { invocation throws(CommandFailure) in
    let answer = try await invocation.client.call(.get, "/runtimes", of: .modelServing)
    invocation.show(answer.body) { document in
        var table = Table(["runtime", "usable", "replicas", "why not"])
        for runtime in document["runtimes"]?.arrayValue ?? [] {
            table.add([
                runtime.cell("name"), runtime["available"]?.boolValue == true ? "yes" : "no",
                runtime["keeps_replicas_inside"]?.boolValue == true ? "inside one instance" : "one instance each",
                runtime.cell("reason"),
            ])
        }
        return table.text
    }
}
