import JSON

/// `slipway roles …`
let roleCommands = Command(
    "roles", "Name what several people may do",
    examples: ["slipway roles list", "slipway roles add release-team --description \"Who brings models out\""],
    group: [
        Command(
            "list", "List the roles", flags: [accessServerFlag], examples: ["slipway roles list"]
        ) { invocation throws(CommandFailure) in
            let roles = try await invocation.rules("roles")
            invocation.show(.array(roles)) { _ in
                var table = Table(["name", "description", "by"])
                for role in roles { table.add([role.cell("name"), role.cell("description"), role.origin]) }
                return table.text
            }
        },
        Command(
            "add", "Add a role; policies say what it may, role bindings who has it",
            arguments: [.init("NAME", "without role: before it")],
            flags: [.init("description", value: "TEXT", "what it is for"), dryRunFlag, accessServerFlag],
            examples: ["slipway roles add release-team --description \"Who brings models out\""]
        ) { invocation throws(CommandFailure) in
            var role = JSONObject([("name", .string(invocation.arguments.argument("NAME")))])
            role["description"] = invocation.arguments.string("description").map { .string($0) }
            try await invocation.addRule(.object(role), to: "roles")
        },
        Command(
            "remove", "Remove a role that nothing uses", arguments: [.init("NAME", "of the role")],
            flags: [dryRunFlag, accessServerFlag], examples: ["slipway roles remove release-team"]
        ) { invocation throws(CommandFailure) in
            try await invocation.removeRule(invocation.arguments.argument("NAME"), from: "roles")
        },
    ])

/// `slipway role-bindings …`
let roleBindingCommands = Command(
    "role-bindings", "Say who has which role",
    examples: ["slipway role-bindings add alice model-reader", "slipway role-bindings list --sub alice"],
    group: [
        Command(
            "list", "List who has which role",
            flags: [
                .init("sub", value: "SUBJECT", "only those of alice, group:research, …"),
                .init("role", value: "ROLE", "only those of role:model-reader, …"), accessServerFlag,
            ],
            examples: ["slipway role-bindings list --role role:model-reader"]
        ) { invocation throws(CommandFailure) in
            let bindings = try await invocation.rules("role_bindings", filters: ["sub", "role"])
            invocation.show(.array(bindings)) { _ in
                var table = Table(["id", "subject", "role", "by"])
                for binding in bindings {
                    table.add([binding.cell("id"), binding.cell("sub"), binding.cell("role"), binding.origin])
                }
                return table.text
            }
        },
        Command(
            "add", "Give somebody a role",
            arguments: [
                .init("SUBJECT", "alice, group:research, or role:other, which inherits"),
                .init("ROLE", "model-reader, with or without role: before it"),
            ],
            flags: [dryRunFlag, accessServerFlag],
            examples: [
                "slipway role-bindings add alice model-reader",
                "slipway role-bindings add group:research model-author --dry-run",
            ]
        ) { invocation throws(CommandFailure) in
            let role = invocation.arguments.argument("ROLE")
            let binding: JSONValue = [
                "sub": .string(invocation.arguments.argument("SUBJECT")),
                "role": .string(role.hasPrefix("role:") ? role : "role:" + role),
            ]
            try await invocation.addRule(binding, to: "role_bindings")
        },
        Command(
            "remove", "Take a role away", arguments: [.init("BINDING_ID", "from the list")],
            flags: [dryRunFlag, accessServerFlag],
            examples: ["slipway role-bindings remove 0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"]
        ) { invocation throws(CommandFailure) in
            try await invocation.removeRule(invocation.arguments.argument("BINDING_ID"), from: "role_bindings")
        },
    ])
