/// `slipway dev`
let devCommand = Command(
    "dev", "Run the whole platform on this machine until Ctrl-C",
    flags: [
        .init("demo", "serve the demo model, and ask it a question"),
        .init("once", "with the demo: stop everything after the answer"),
        .init("question", value: "TEXT", "with the demo: what to ask, \"who are you\" by default"),
        .init("keep-engines", "leave running engines alone at the end"),
        .init("verbose", "show every log line, not only warnings"),
        .init("base-port", value: "N", "first of the ten ports of services and gateway, 8080 by default"),
        .init("sidecar-port", value: "N", "first of the three ports of the sidecar, 3500 by default"),
    ],
    examples: ["slipway dev", "slipway dev --demo --once --question \"what is dapr\""]
) { invocation throws(CommandFailure) in
    try await DevSession(invocation).run()
}
