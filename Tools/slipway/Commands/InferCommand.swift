import HTTP
import JSON

/// `slipway infer`
let inferCommand = Command(
    "infer", "Ask a service a question through the gateway",
    arguments: [.init("SERVICE", "name of the service"), .init("TEXT", "what to say to it")],
    flags: [
        .init("stream", "print the answer as it arrives"),
        .init("max-tokens", value: "N", "the longest answer to take"),
        .init("token-file", value: "FILE", "file with an endpoint token [SLIPWAY_TOKEN holds the token itself]"),
    ],
    examples: ["slipway infer tiny-chat \"who are you\" --stream"]
) { invocation throws(CommandFailure) in
    let service = invocation.arguments.argument("SERVICE")
    let question = ChatQuestion(
        service: service, text: invocation.arguments.argument("TEXT"),
        maximumTokens: try invocation.arguments.integer("max-tokens", in: 1...1_000_000),
        isStreamed: invocation.arguments.isOn("stream") && invocation.format == .table)
    let chat = ChatClient(client: invocation.client)
    let tokens = EndpointTokenStore(client: invocation.client, terminal: invocation.terminal)
    if let token = try given(invocation) {
        return try await ask(question, with: token, chat, invocation)
    }
    do throws(CommandFailure) {
        try await ask(question, with: try tokens.kept(for: service), chat, invocation)
    } catch  where error.status == .notAllowed {
        try await ask(question, with: try await tokens.make(for: service), chat, invocation)
    }
}

private func given(_ invocation: Invocation) throws(CommandFailure) -> String? {
    if let file = invocation.arguments.string("token-file") {
        return try LocalFile.text(invocation.workingFolder.resolve(file)).filter { !$0.isWhitespace }
    }
    return invocation.environment["SLIPWAY_TOKEN"]
}

private func ask(
    _ question: ChatQuestion, with token: String?, _ chat: ChatClient, _ invocation: Invocation
) async throws(CommandFailure) {
    if question.isStreamed {
        try await chat.stream(question, token: token) { invocation.terminal.write($0) }
        invocation.terminal.writeLine("")
    } else {
        let answer = try await chat.answer(question, token: token)
        invocation.show(answer) { ChatClient.text(of: $0) + "\n" }
    }
}
