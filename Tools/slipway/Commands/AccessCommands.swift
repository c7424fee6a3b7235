import HTTP
import JSON

/// `slipway policies …`
let accessCommands = Command(
    "policies", "Say who may do what, see why something is decided, and try changes",
    examples: [
        "slipway policies add alice 'models/{id}' model:get",
        "slipway policies explain alice models/0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f model:get",
    ],
    group: [
        Command(
            "list", "List the policies: those of the policy file, then those that were added",
            flags: [.init("sub", value: "SUBJECT", "only those of alice, role:model-reader, …"), accessServerFlag],
            examples: ["slipway policies list", "slipway policies list --sub role:model-reader"]
        ) { invocation throws(CommandFailure) in
            let policies = try await invocation.rules("policies", filters: ["sub"])
            invocation.show(.array(policies)) { _ in
                var table = Table(["id", "subject", "object", "action", "effect", "by"])
                for policy in policies {
                    table.add([
                        policy.cell("id"), policy.cell("sub"), policy.cell("obj"), policy.cell("act"),
                        policy.cell("eft"), policy.origin,
                    ])
                }
                return table.text
            }
        },
        Command(
            "add", "Let somebody do something, or keep them from it",
            arguments: [
                .init("SUBJECT", "alice, group:research, app:model-serving, role:model-reader"),
                .init("OBJECT", "models, 'models/{id}', models/ID, '*'"), .init("ACTION", "model:get, 'model:*', '*'"),
            ],
            flags: [.init("deny", "keep them from it: outweighs whatever allows it"), dryRunFlag, accessServerFlag],
            examples: [
                "slipway policies add role:model-reader 'models/{id}' model:get",
                "slipway policies add bob 'model_services/{id}' model_service:delete --deny --dry-run",
            ]
        ) { invocation throws(CommandFailure) in
            let policy: JSONValue = [
                "sub": .string(invocation.arguments.argument("SUBJECT")),
                "obj": .string(invocation.arguments.argument("OBJECT")),
                "act": .string(invocation.arguments.argument("ACTION")),
                "eft": .string(invocation.arguments.isOn("deny") ? "deny" : "allow"),
            ]
            try await invocation.addRule(policy, to: "policies")
        },
        Command(
            "remove", "Remove a policy that was added", arguments: [.init("POLICY_ID", "from the list")],
            flags: [dryRunFlag, accessServerFlag],
            examples: ["slipway policies remove 0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"]
        ) { invocation throws(CommandFailure) in
            try await invocation.removeRule(invocation.arguments.argument("POLICY_ID"), from: "policies")
        },
        explainCommand,
        Command(
            "dry-run", "Try many changes at once on the last decisions of a service",
            arguments: [
                .init("FILE", #"JSON: {"add": {"policies": […]}, "remove": {"roles": […]}}"#)
            ],
            flags: [accessServerFlag], examples: ["slipway policies dry-run change.json --at model-management"]
        ) { invocation throws(CommandFailure) in
            let path = invocation.workingFolder.resolve(invocation.arguments.argument("FILE"))
            let text = try LocalFile.text(path, maximumSize: LocalFile.maximumSize)
            let change: JSONValue
            do throws(JSONError) {
                change = try JSONParser.parse(Array(text.utf8))
            } catch {
                throw CommandFailure(.usage, "\(path) is not JSON: \(error.message) at byte \(error.offset).")
            }
            try await invocation.tryOut(change)
        },
    ])

private let explainCommand = Command(
    "explain", "Say whether somebody may do something, by which rule, and over which roles",
    arguments: [
        .init("SUBJECT", "alice, app:model-serving"), .init("OBJECT", "models/ID"), .init("ACTION", "model:get"),
    ],
    flags: [.init("groups", value: "NAMES", "groups that the subject is in, with commas between"), accessServerFlag],
    examples: [
        "slipway policies explain alice models/0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f model:get --groups research,sales"
    ]
) { invocation throws(CommandFailure) in
    let groups = (invocation.arguments.string("groups") ?? "").split(separator: ",")
    let question: JSONValue = [
        "sub": .string(invocation.arguments.argument("SUBJECT")),
        "obj": .string(invocation.arguments.argument("OBJECT")),
        "act": .string(invocation.arguments.argument("ACTION")),
        "groups": .array(groups.map { .string(String($0)) }),
    ]
    let answer = try await invocation.client.call(
        .post, "/policies:explain", of: try invocation.accessServer(), body: question)
    invocation.show(answer.body) { answer in
        var details = Details()
        details.add("allowed", answer["allowed"]?.boolValue == true ? "yes" : "no")
        details.add("as owner", answer["allowed_as_owner"]?.boolValue == true ? "yes" : "no")
        details.add("reason", answer.cell("reason"))
        details.add("over", answer.list("path", separator: " → "))
        details.add("roles", answer.list("roles", separator: ", "))
        return details.text
    }
}
