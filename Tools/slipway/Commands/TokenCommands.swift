import HTTP
import JSON

/// `slipway tokens …`
let tokenCommands = Command(
    "tokens", "Make and revoke the tokens that private services ask for",
    examples: ["slipway tokens create tiny-chat", "slipway tokens list tiny-chat"],
    group: [
        Command(
            "create", "Make a token; it is shown once", arguments: [serviceArgument],
            flags: [
                .init("name", value: "TEXT", "what it is for"),
                .init("expires-in", value: "SECONDS", "for how long it is good; for ever by default"),
                .init("requests-per-minute", value: "N", "what each gateway lets it ask for; any number by default"),
                .init(
                    "tokens-per-minute", value: "N", "of prompts and answers, at each gateway; any number by default"),
            ],
            examples: [
                "slipway tokens create tiny-chat --name laptop",
                "slipway tokens create tiny-chat --name trial --expires-in 86400 --requests-per-minute 60",
            ]
        ) { invocation throws(CommandFailure) in
            let token = try await invocation.client.createToken(
                serviceID: try await invocation.client.serviceID(invocation.arguments.argument("SERVICE")),
                name: invocation.arguments.string("name"),
                lifetimeSeconds: try invocation.arguments.integer("expires-in", in: Lifetime.seconds),
                requestsPerMinute: try invocation.arguments.integer("requests-per-minute", in: 1...1_000_000),
                tokensPerMinute: try invocation.arguments.integer("tokens-per-minute", in: 1...1_000_000_000))
            invocation.show(token) { token in
                // Alone on the output, so that a script can take it.
                invocation.terminal.noteLine("Keep it: it is not shown again.")
                return token.cell("token") + "\n"
            }
        },
        Command(
            "list", "List a service's tokens; not the secrets", arguments: [serviceArgument],
            examples: ["slipway tokens list tiny-chat"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
            let tokens = try await invocation.client.call(.get, "/model_services/\(id)/tokens", of: .modelServing)
            invocation.show(tokens.body) { document in
                var table = Table(["id", "name", "created", "expires", "requests/min", "tokens/min"])
                for token in document["tokens"]?.arrayValue ?? [] {
                    table.add([
                        token.cell("id"), token.cell("name"), token.timeCell("created_at"),
                        token.timeCell("expires_at"), token.cell("requests_per_minute"),
                        token.cell("tokens_per_minute"),
                    ])
                }
                return table.text
            }
        },
        Command(
            "revoke", "End a token; requests with it are refused within a second",
            arguments: [serviceArgument, .init("TOKEN_ID", "id of the token, from the list")],
            examples: ["slipway tokens revoke tiny-chat 0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.serviceID(invocation.arguments.argument("SERVICE"))
            let token = PercentEncoding.encode(invocation.arguments.argument("TOKEN_ID"))
            _ = try await invocation.client.call(
                .delete, "/model_services/\(id)/tokens/\(token)", of: .modelServing)
            invocation.confirm("Revoked.")
        },
    ])

extension PlatformClient {
    /// A new endpoint token, with its secret in the member `token`.
    func createToken(
        serviceID: String, name: String?, lifetimeSeconds: Int64? = nil, requestsPerMinute: Int64? = nil,
        tokensPerMinute: Int64? = nil
    ) async throws(CommandFailure) -> JSONValue {
        var body = JSONObject()
        body["name"] = name.map { .string($0) }
        body["expires_in_seconds"] = lifetimeSeconds.map { .integer($0) }
        body["requests_per_minute"] = requestsPerMinute.map { .integer($0) }
        body["tokens_per_minute"] = tokensPerMinute.map { .integer($0) }
        return try await call(
            .post, "/model_services/\(serviceID)/tokens", of: .modelServing, body: .object(body),
            fields: idempotencyKey()
        ).body
    }
}
