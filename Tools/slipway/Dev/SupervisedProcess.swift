import Subprocess
import Synchronization

/// Keeps one process running: starts it, starts it again when it ends, and ends it at last.
final class SupervisedProcess: Sendable {
    /// Marks the processes of a project, so that those which an earlier run left behind are found.
    static let marker = "SLIPWAY_DEV_PROCESS"
    /// Between SIGTERM and SIGKILL.
    static let grace: Duration = .seconds(20)

    let plan: ProcessPlan
    let logFile: String
    private let project: ProjectDirectory
    private let inherited: [String: String]
    private let tell: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var process: ProcessIdentity?
        var endings = 0
        var isEnding = false
    }

    /// - Parameters:
    ///   - inherited: the environment that the plan adds to.
    ///   - tell: takes a sentence for the user.
    init(
        _ plan: ProcessPlan, project: ProjectDirectory, inherited: [String: String],
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.project = project
        self.inherited = inherited
        self.tell = tell
        logFile = "\(project.logFolder)/\(plan.name).log"
    }

    /// How often it has ended by itself.
    var endings: Int { state.withLock { $0.endings } }

    /// Starts it for the first time.
    /// - Throws: `.failed` if the program cannot be started at all.
    func start() throws(CommandFailure) {
        let environment = inherited.merging(plan.environment) { _, new in new }
            .merging([Self.marker: Self.mark(project, plan.name)]) { _, new in new }
        let request = SpawnRequest(
            arguments: [plan.executable] + plan.arguments, environment: environment,
            workingDirectory: project.folder.path, outputFile: logFile)
        do throws(SpawnFailure) {
            let process = try request.spawn()
            state.withLock { $0.process = process }
        } catch {
            throw CommandFailure(.failed, "\(plan.name) cannot be started: \(error).")
        }
    }

    /// Waits for the process to end and starts it again, until the task is cancelled.
    func supervise() async throws {
        let clock = ContinuousClock()
        var backoff = Backoff()
        while let process = state.withLock({ $0.process }) {
            let started = clock.now
            let status = try await ProcessExit.wait(for: process)
            let isEnding = state.withLock { state in
                state.endings += 1
                return state.isEnding
            }
            guard !isEnding else { return }
            let delay = backoff.delay(after: clock.now - started)
            tell("\(plan.name) ended with \(status); it is started again in \(elapsedText(delay))")
            try await clock.sleep(for: delay)
            guard !state.withLock(\.isEnding) else { return }
            try start()
        }
    }

    /// Ends it: SIGTERM, and SIGKILL for what is left after the grace time. Idempotent.
    func end() async {
        let process = state.withLock { state in
            state.isEnding = true
            return state.process
        }
        guard let process else { return }
        if await !Self.family(process, project, plan.name).end(grace: Self.grace) {
            tell("\(plan.name) (process \(process.pid)) does not end")
        }
    }

    /// Ends what an earlier run of this project left behind because it was killed.
    /// - Returns: the names of the processes that were there.
    static func endLeftovers(of project: ProjectDirectory) async -> [String] {
        let prefix = mark(project, "")
        let left = ProcessTable.processes(withVariable: marker).filter { $0.value.hasPrefix(prefix) }
        for (process, value) in left {
            _ = await ProcessFamily(leader: process, marker: (marker, value)).end(grace: grace)
        }
        return left.map { String($0.value.dropFirst(prefix.count)) }
    }

    private static func family(
        _ process: ProcessIdentity, _ project: ProjectDirectory, _ name: String
    ) -> ProcessFamily {
        ProcessFamily(leader: process, marker: (marker, mark(project, name)))
    }

    private static func mark(_ project: ProjectDirectory, _ name: String) -> String {
        "\(project.folder.path):\(name)"
    }
}
