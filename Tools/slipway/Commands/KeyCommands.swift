import HTTP
import JSON

/// `slipway keys …`
let keyCommands = Command(
    "keys", "Make and revoke the API keys with which people and programs use the platform",
    examples: ["slipway keys create --owner alice --name laptop --expires-in 7776000", "slipway keys list"],
    group: [
        Command(
            "create", "Make an API key; it is shown once",
            flags: [
                .init("owner", value: "NAME", "who makes requests with it, such as alice; by default yourself"),
                .init("name", value: "TEXT", "what it is for"),
                .init("expires-in", value: "SECONDS", "for how long it is good; for ever by default"),
                accessServerFlag,
            ],
            examples: [
                "slipway keys create --owner alice --name laptop",
                "slipway keys create --owner ci --name pipeline --expires-in 7776000",
            ]
        ) { invocation throws(CommandFailure) in
            var body = JSONObject()
            body["owner"] = invocation.arguments.string("owner").map { .string($0) }
            body["name"] = invocation.arguments.string("name").map { .string($0) }
            body["expires_in_seconds"] = try invocation.arguments.integer("expires-in", in: Lifetime.seconds)
                .map { .integer($0) }
            let made = try await invocation.client.call(
                .post, "/api_keys", of: invocation.accessServer(), body: .object(body), fields: idempotencyKey())
            invocation.show(made.body) { key in
                // Alone on the output, so that a script can take it.
                invocation.terminal.noteLine(
                    "\(key.cell("id")) is \(key.cell("owner"))'s. Keep it: it is not shown again.")
                return key.cell("key") + "\n"
            }
        },
        Command(
            "list", "List API keys; not the secrets",
            flags: [.init("owner", value: "NAME", "only those of alice"), accessServerFlag],
            examples: ["slipway keys list", "slipway keys list --owner alice"]
        ) { invocation throws(CommandFailure) in
            let keys = try await invocation.rules("api_keys", filters: ["owner"])
            invocation.show(.array(keys)) { _ in
                var table = Table(["id", "owner", "name", "made by", "created", "expires"])
                for key in keys {
                    table.add([
                        key.cell("id"), key.cell("owner"), key.cell("name"), key.cell("created_by"),
                        key.timeCell("created_at"), key.timeCell("expires_at"),
                    ])
                }
                return table.text
            }
        },
        Command(
            "revoke", "End an API key; no service takes it two seconds later",
            arguments: [.init("KEY_ID", "id of the key, from the list")], flags: [accessServerFlag],
            examples: ["slipway keys revoke 0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"]
        ) { invocation throws(CommandFailure) in
            let id = PercentEncoding.encode(invocation.arguments.argument("KEY_ID"))
            _ = try await invocation.client.call(.delete, "/api_keys/\(id)", of: invocation.accessServer())
            invocation.confirm("Revoked.")
        },
    ])
