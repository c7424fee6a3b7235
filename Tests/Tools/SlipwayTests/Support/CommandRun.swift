import HTTP

@testable import slipway

/// One command line, run in a folder of its own against scripted servers.
struct CommandRun {
    let status: CommandStatus
    let output: String
    let notes: String

    init(
        _ words: String..., in folder: TemporaryFolder, environment: [String: String] = ["SLIPWAY_ADMIN_KEY": "key"],
        transport: ScriptedTransport
    ) async {
        await self.init(words: words, in: folder, environment: environment, transport: transport)
    }

    init(
        words: [String], in folder: TemporaryFolder, environment: [String: String] = ["SLIPWAY_ADMIN_KEY": "key"],
        transport: ScriptedTransport
    ) async {
        let terminal = RecordingTerminal()
        status = await Slipway.run(
            words,
            in: Slipway.Surroundings(
                environment: environment, workingFolder: folder.folder, terminal: terminal, transport: transport,
                clock: StepClock()))
        output = terminal.output
        notes = terminal.notes
    }
}
