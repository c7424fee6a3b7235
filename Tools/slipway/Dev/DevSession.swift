import Cryptography
import FoundationEssentials
import JSON
import Lifecycle
import Subprocess

/// One run of `slipway dev`.
struct DevSession: Sendable {
    private let invocation: Invocation
    private let project: ProjectDirectory
    private let plan: DevPlan
    private let isDemo: Bool
    private let isOnce: Bool

    init(_ invocation: Invocation) throws(CommandFailure) {
        self.invocation = invocation
        let arguments = invocation.arguments
        project = invocation.settings.project
        isOnce = arguments.isOn("once")
        isDemo = isOnce || arguments.isOn("demo") || arguments.string("question") != nil
        let base = try arguments.integer("base-port", in: 1024...65_000) ?? Int64(DevPorts.defaultBase)
        let sidecar = try arguments.integer("sidecar-port", in: 1024...65_000) ?? Int64(DevPorts.defaultSidecar)
        plan = DevPlan(
            project: project, ports: DevPorts(base: UInt16(base), sidecar: UInt16(sidecar)),
            programs: try Self.programFolder(), searchPath: invocation.environment["PATH"] ?? "/usr/bin:/bin",
            sidecarToken: SecureRandom.base64URL(byteCount: 32),
            appToken: SecureRandom.base64URL(byteCount: 32), userEnvironment: invocation.environment)
    }

    /// Returns after Ctrl-C, or with `--once` after the answer. Nothing is left running then.
    func run() async throws(CommandFailure) {
        guard LocalFile.exists("\(project.folder.path)/\(DevPlan.componentsFolder)") else {
            throw CommandFailure(
                .usage, "\(project.folder.path) has no \(DevPlan.componentsFolder), which says where state is kept.",
                hints: ["name the folder of a project: slipway dev --project DIR"])
        }
        let signals = TerminationSignals(andHangUp: true)
        guard let own = ProcessTable.identity(of: ProcessInfo.processInfo.processIdentifier) else {
            throw CommandFailure(.failed, "This machine does not tell when processes began (no /proc).")
        }
        try LocalFile.makeFolder(project.logFolder)
        let lock = DevLock(file: project.lockFile)
        try lock.take(as: own)
        defer { lock.release(as: own) }
        let left = await SupervisedProcess.endLeftovers(of: project)
        if !left.isEmpty { note("Ended what an earlier run left behind: \(left.joined(separator: ", ")).") }
        let prepared = try prepare()
        let stack = DevStack(plan, prepared)
        try stack.checkPorts()
        note("Starting Slipway in \(project.folder.path)")
        let failure = await work(stack, prepared, until: signals)
        await end(stack)
        if let failure { throw failure }
    }

    /// Writes the keys, if there are none, and where the stack will answer.
    /// - Returns: the invocation with settings that lead to this stack.
    private func prepare() throws(CommandFailure) -> Invocation {
        if try LocalFile.textIfPresent(project.adminKeyFile) == nil {
            let key = SecureRandom.base64URL(byteCount: 32)
            try LocalFile.write(key + "\n", to: project.adminKeyFile, isSecret: true)
            note("Made an admin key; it is in \(project.adminKeyFile).")
        }
        if try LocalFile.textIfPresent(project.gatewayKeyFile) == nil {
            try LocalFile.write(
                SecureRandom.base64URL(byteCount: 32) + "\n", to: project.gatewayKeyFile, isSecret: true)
        }
        try LocalFile.write(
            JSONWriter.text(plan.configuration, style: .indented) + "\n", to: project.configurationFile)
        let settings = try Settings(arguments: ParsedArguments(), environment: [:], workingFolder: project.folder)
        return invocation.with(settings)
    }

    /// Runs until a signal, a failure, or with `--once` the answer; nil unless something failed.
    private func work(
        _ stack: DevStack, _ prepared: Invocation, until signals: TerminationSignals
    ) async -> CommandFailure? {
        await withTaskGroup(of: CommandFailure?.self) { group in
            group.addTask {
                if let name = await signals.first() { note("\n\(name): stopping everything.") }
                return nil
            }
            group.addTask {
                let timer = Stopwatch(invocation.clock)
                do {
                    try await stack.run {
                        note("Ready after \(elapsedText(timer.elapsed)). Logs are in \(project.logFolder).")
                        try await use(prepared)
                    }
                    return nil
                } catch let failure as CommandFailure {
                    return failure
                } catch {
                    return CommandFailure(.failed, "Cancelled.")
                }
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self)
        }
    }

    private func use(_ prepared: Invocation) async throws {
        try await LocalPools(client: prepared.client).bring(MachineResources.read())
        if isDemo {
            try await Demo(prepared).run(question: invocation.arguments.string("question"))
        } else {
            note("The admin key is in \(project.adminKeyFile).")
        }
        guard !isOnce else { return }
        note("Ctrl-C stops everything.")
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private func end(_ stack: DevStack) async {
        await stack.end()
        guard !invocation.arguments.isOn("keep-engines") else { return }
        let engines = EngineProcesses(instanceFolder: "\(plan.dataFolder(of: .modelServing))/instances")
        let count = await engines.end()
        if count == 1 { note("Stopped 1 engine; the next start brings it back.") }
        if count > 1 { note("Stopped \(count) engines; the next start brings them back.") }
    }

    private func note(_ line: String) { invocation.terminal.noteLine(line) }

    /// The folder that this program's file is in.
    private static func programFolder() throws(CommandFailure) -> String {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let slash = program.lastIndex(of: "/")
        else { throw CommandFailure(.failed, "This program cannot tell where its file is.") }
        return String(program[..<slash])
    }
}
