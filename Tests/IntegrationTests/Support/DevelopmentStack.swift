import Foundation
import Subprocess
import Testing

@testable import slipway

/// `slipway dev`, running for real in a project folder of its own, on ports that nobody has.
final class DevelopmentStack: Sendable {
    static let startDeadline: Duration = .seconds(180)
    static let commandDeadline: Duration = .seconds(60)
    static let grace: Duration = .seconds(60)
    private static let marker = "SLIPWAY_INTEGRATION_TEST"

    let folder: String
    let ports: DevPorts

    /// The repository that these tests were built from.
    static let repository: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(4).joined(separator: "/")
    }()

    /// Where the package manager has put the programs: beside the bundle that holds this test.
    static let programs: String = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? program
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    }()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("stack-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: "\(folder)/.build", withIntermediateDirectories: true)
        for name in ["components", "config", "demo", ".venv"] {
            try FileManager.default.createDirectory(
                atPath: "\(Self.repository)/\(name)", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: "\(Self.repository)/\(name)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/.build/debug", withDestinationPath: Self.programs)
        ports = try #require(Self.freePorts())
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func freePorts() -> DevPorts? {
        let table = ListeningPorts()
        for _ in 0..<100 {
            let ports = DevPorts(base: .random(in: 15_000..<25_000), sidecar: .random(in: 25_001..<30_000))
            if ports.all.allSatisfy({ table.listener(on: $0) == nil }) { return ports }
        }
        return nil
    }

    /// Everything that was printed so far.
    var output: [String] { lines(of: "output") }

    /// Starts `slipway dev` and returns its process.
    func start(_ flags: String...) throws -> ProcessIdentity {
        let words = [
            "\(Self.programs)/slipway", "dev", "--base-port", String(ports.base), "--sidecar-port",
            String(ports.sidecar),
        ]
        return try request(words + flags, outputFile: "output").spawn()
    }

    /// Returns when the line was printed, over all runs together.
    func untilPrinted(_ line: String, times: Int = 1) async throws {
        let isPrinted = try await until(Self.startDeadline) { self.output.count { $0 == line } >= times }
        #expect(isPrinted, "\"\(line)\" was not printed:\n\(output.joined(separator: "\n"))")
    }

    /// How the process ended by itself; nil if it did not within the deadline.
    func end(of process: ProcessIdentity, within deadline: Duration = startDeadline) async -> ProcessExit.Status? {
        await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self)
        }
    }

    /// Ends everything, as Ctrl-C does.
    func stop(_ process: ProcessIdentity) async -> ProcessExit.Status? {
        kill(process.pid, SIGINT)
        let status = await end(of: process, within: Self.grace)
        _ = await ProcessFamily(leader: process, marker: (Self.marker, folder)).end(grace: .seconds(1))
        return status
    }

    /// Processes of this stack that run, engines among them.
    var leftovers: [ProcessIdentity] {
        let servers = ProcessTable.processes(withVariable: SupervisedProcess.marker)
        return servers.filter { $0.value.hasPrefix(folder) }.map(\.process) + engines
    }

    var engines: Set<ProcessIdentity> {
        let running = EngineProcesses(instanceFolder: "\(folder)/.slipway/model-serving/instances").running
        return Set(running.flatMap { ProcessFamily(leader: nil, marker: (EngineProcesses.marker, $0)).members })
    }

    func process(named name: String) -> ProcessIdentity? {
        ProcessTable.processes(withVariable: SupervisedProcess.marker).first { $0.value == "\(folder):\(name)" }?
            .process
    }

    /// Runs a shell script in the project folder, and returns what it printed.
    func run(_ script: String) async throws -> [String] {
        let name = "script-\(UUID().uuidString)"
        let process = try request(["bash", "-c", script], outputFile: name).spawn()
        let status = await end(of: process, within: Self.commandDeadline)
        #expect(status != nil, "the script did not end: \(script)")
        return lines(of: name)
    }

    private func request(_ words: [String], outputFile: String) -> SpawnRequest {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(folder)/.build/debug:\(environment["PATH"] ?? "")"
        environment[Self.marker] = folder
        // Those who test may have these set for their own stack.
        for name in environment.keys where name.hasPrefix("SLIPWAY_") && name != Self.marker {
            environment[name] = nil
        }
        return SpawnRequest(
            arguments: words, environment: environment, workingDirectory: folder,
            outputFile: "\(folder)/\(outputFile)")
    }

    private func lines(of name: String) -> [String] {
        let data = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        var lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines.map(String.init)
    }

    func until(_ deadline: Duration, _ condition: () -> Bool) async throws -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while clock.now < end {
            if condition() { return true }
            try await clock.sleep(for: .milliseconds(50))
        }
        return condition()
    }
}
