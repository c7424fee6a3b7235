import EventLoop
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient

/// The program `slipway`.
@main
struct Slipway {
    static let version = "0.1.0"

    static let root = Command(
        "slipway", "Take a registered model to a running, authenticated, metered inference endpoint",
        examples: [
            "slipway dev",
            "slipway models register tiny-chat.gguf --name tiny-chat --definition model-definition.yaml",
            "slipway services create tiny-chat --model tiny-chat --cpu 500m --memory 512Mi --wait",
            "slipway infer tiny-chat \"who are you\" --stream",
        ],
        group: [
            devCommand, modelCommands, serviceCommands, tokenCommands, inferCommand, poolCommands, runtimesCommand,
            fsckCommand,
            conformanceCommand, accessCommands, roleCommands, roleBindingCommands, keyCommands, policyCommands,
            auditCommands, doctorCommand,
        ])

    /// What the commands need of the world.
    struct Surroundings: Sendable {
        var environment: [String: String]
        var workingFolder: Folder
        var terminal: any Terminal
        var transport: any HTTPTransport
        var clock: any Clock<Duration>
    }

    static func main() async {
        let loops = EventLoopGroup(count: 1)
        let transport = SchemeTransport(plain: KeepAliveClient(group: loops), secure: CurlClient(group: loops))
        let surroundings = Surroundings(
            environment: ProcessInfo.processInfo.environment,
            workingFolder: Folder(path: FileManager.default.currentDirectoryPath), terminal: StandardTerminal(),
            transport: transport, clock: ContinuousClock())
        exit(await run(Array(CommandLine.arguments.dropFirst()), in: surroundings).rawValue)
    }

    /// Does what the words say.
    static func run(_ words: [String], in surroundings: Surroundings) async -> CommandStatus {
        let terminal = surroundings.terminal
        do throws(CommandFailure) {
            let parser = CommandLineParser(
                root: root, commonFlags: Invocation.flags + Settings.flags, version: version)
            switch try parser.parse(words) {
            case .show(let text): terminal.write(text)
            case .run(let action, let arguments):
                try await action(try Invocation(arguments: arguments, in: surroundings))
            }
            guard !terminal.hasLostOutput else {
                throw CommandFailure(.failed, "What was to be shown could not be written to the output.")
            }
            return .succeeded
        } catch {
            terminal.noteLine("slipway: \(error.message)")
            for hint in error.hints { terminal.noteLine("  \(hint)") }
            return error.status
        }
    }
}

extension Invocation {
    init(arguments: ParsedArguments, in surroundings: Slipway.Surroundings) throws(CommandFailure) {
        let settings = try Settings(
            arguments: arguments, environment: surroundings.environment, workingFolder: surroundings.workingFolder)
        self.init(
            arguments: arguments, environment: surroundings.environment, workingFolder: surroundings.workingFolder,
            settings: settings, client: PlatformClient(transport: surroundings.transport, settings: settings),
            terminal: surroundings.terminal, format: try arguments.choice("output") ?? .table,
            clock: surroundings.clock)
    }
}
