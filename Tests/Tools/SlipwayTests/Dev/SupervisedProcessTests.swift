import Foundation
import Subprocess
import Synchronization
import Testing

@testable import slipway

/// Real processes: a shell that sleeps, or ends.
@Suite(.timeLimit(.minutes(3))) struct SupervisedProcessTests {
    let folder: TemporaryFolder
    let project: ProjectDirectory

    init() throws {
        folder = try TemporaryFolder()
        project = ProjectDirectory(folder: folder.folder)
        try LocalFile.makeFolder(project.logFolder)
    }

    private func process(_ script: String, tell: @escaping @Sendable (String) -> Void = { _ in }) -> SupervisedProcess {
        let plan = ProcessPlan(
            name: "sample", executable: "/bin/sh", arguments: ["-c", script], environment: ["GREETING": "hello"],
            ports: [], readiness: .init(port: 1))
        return SupervisedProcess(plan, project: project, inherited: ["PATH": "/usr/bin:/bin"], tell: tell)
    }

    /// Waits for a line in the process's log.
    private func untilLogged(_ text: String) async throws {
        while folder.read(".slipway/logs/sample.log")?.contains(text) != true {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func startsInTheProjectWithItsEnvironmentAndEndsOnRequest() async throws {
        let process = process("echo $GREETING in $PWD; exec sleep 60")
        try process.start()
        try await untilLogged("hello in \(folder.path)")
        await process.end()
        #expect(
            ProcessTable.processes(withVariable: SupervisedProcess.marker).allSatisfy {
                !$0.value.hasPrefix(folder.path)
            })
    }

    @Test func startsAgainWhatEndedAndSaysSo() async throws {
        let told = Mutex<[String]>([])
        let process = process("echo run >> runs; exit 3") { line in told.withLock { $0.append(line) } }
        try process.start()
        let supervision = Task { try await process.supervise() }
        while (folder.read("runs")?.count ?? 0) < 2 * "run\n".count { try await Task.sleep(for: .milliseconds(10)) }
        supervision.cancel()
        _ = await supervision.result
        await process.end()
        #expect(process.endings >= 1)
        #expect(told.withLock { $0.first } == "sample ended with exit status 3; it is started again in 0.5 s")
    }

    @Test func doesNotStartAgainWhatItEnded() async throws {
        let process = process("echo up; exec sleep 60")
        try process.start()
        try await untilLogged("up")
        let supervision = Task { try await process.supervise() }
        await process.end()
        try await supervision.value
        #expect(process.endings == 1)
    }

    @Test func findsWhatAnEarlierRunLeftBehind() async throws {
        let process = process("echo up; sleep 60 & wait")
        try process.start()
        try await untilLogged("up")
        #expect(await Set(SupervisedProcess.endLeftovers(of: project)) == ["sample"])
        #expect(await SupervisedProcess.endLeftovers(of: project).isEmpty)
    }

    @Test func saysWhenAProgramIsNotThere() {
        let plan = ProcessPlan(
            name: "gone", executable: "\(folder.path)/gone", arguments: [], environment: [:], ports: [],
            readiness: .init(port: 1))
        let process = SupervisedProcess(plan, project: project, inherited: [:]) { _ in }
        let failure = #expect(throws: CommandFailure.self) { try process.start() }
        #expect(failure?.message.hasPrefix("gone cannot be started") == true)
    }

    @Test func endsAShortProcessThatTakesTooLong() async throws {
        let request = SpawnRequest(
            arguments: ["/bin/sh", "-c", "sleep 60"], environment: ["PATH": "/usr/bin:/bin"],
            workingDirectory: folder.path, outputFile: "\(folder.path)/out")
        let marker = (name: "SLIPWAY_TEST_SHORT", value: folder.path)
        let failure = await #expect(throws: CommandFailure.self) {
            _ = try await ShortProcess(request, marker: marker).run(within: .milliseconds(50))
        }
        #expect(failure?.status == .timedOut)
        #expect(ProcessTable.processes(withVariable: marker.name).allSatisfy { $0.value != folder.path })
    }

    @Test func tellsHowAShortProcessEnded() async throws {
        let request = SpawnRequest(
            arguments: ["sh", "-c", "exit 7"], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder.path,
            outputFile: "\(folder.path)/out")
        let status = try await ShortProcess(request, marker: ("SLIPWAY_TEST_SHORT", "x")).run(within: .seconds(60))
        #expect(status == .code(7))
    }
}
