import JSON

/// Everything that a command works with.
struct Invocation: Sendable {
    enum OutputFormat: String, CaseIterable, Sendable {
        case table
        case json
    }

    let arguments: ParsedArguments
    let environment: [String: String]
    /// What relative paths on the command line are relative to.
    let workingFolder: Folder
    let settings: Settings
    let client: PlatformClient
    let terminal: any Terminal
    let format: OutputFormat
    let clock: any Clock<Duration>

    static let flags: [Command.Flag] = [
        Command.Flag("output", value: "FORMAT", "table (for people) or json (the API's own documents)")
    ]

    /// The same invocation, talking to other servers.
    func with(_ settings: Settings) -> Invocation {
        Invocation(
            arguments: arguments, environment: environment, workingFolder: workingFolder, settings: settings,
            client: PlatformClient(transport: client.transport, settings: settings), terminal: terminal,
            format: format, clock: clock)
    }

    /// Writes the API's document as it is, or what `table` makes of it.
    func show(_ document: JSONValue, as table: (JSONValue) -> String) {
        switch format {
        case .json: terminal.writeLine(JSONWriter.text(document, style: .indented))
        case .table: terminal.write(table(document))
        }
    }

    /// A sentence about something done: a note beside the output if the output is for a machine.
    func confirm(_ sentence: String) {
        switch format {
        case .json: terminal.noteLine(sentence)
        case .table: terminal.writeLine(sentence)
        }
    }
}
