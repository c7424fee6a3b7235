import HTTP

/// The whole platform on this machine, as one user's processes.
final class DevStack: Sendable {
    /// From the first start until everything says that it is ready.
    static let readyDeadline: Duration = .seconds(30)
    static let pollInterval: Duration = .milliseconds(50)
    /// A process that ends this often before the stack is ready will not come up.
    static let maximumFalseStarts = 3

    let plan: DevPlan
    let processes: [SupervisedProcess]
    private let transport: any HTTPTransport
    private let terminal: any Terminal
    private let presenter: LogPresenter
    /// Of each process, from where this run begins.
    private let logs: [LogFile]

    init(_ plan: DevPlan, _ invocation: Invocation) {
        self.plan = plan
        transport = invocation.client.transport
        terminal = invocation.terminal
        let terminal = terminal
        let plans = plan.processes
        presenter = LogPresenter(
            showsAll: invocation.arguments.isOn("verbose"), nameWidth: plans.map(\.name.count).max() ?? 0)
        processes = plans.map { process in
            SupervisedProcess(process, project: plan.project, inherited: invocation.environment) {
                terminal.noteLine("slipway: \($0)")
            }
        }
        logs = processes.map { LogFile(path: $0.logFile) }
    }

    /// Refuses ports that somebody else has.
    /// - Throws: `.conflict`, with each port and its holder.
    func checkPorts(_ table: ListeningPorts = ListeningPorts()) throws(CommandFailure) {
        let taken = plan.processes.flatMap { process in
            process.ports.compactMap { port in
                table.listener(on: port).map { "port \(port) for \(process.name): \($0) listens there" }
            }
        }
        guard taken.isEmpty else {
            throw CommandFailure(
                .conflict, taken.count == 1 ? "A port is taken." : "\(taken.count) ports are taken.",
                hints: taken + ["Stop what uses them, or pass --base-port and --sidecar-port."])
        }
    }

    /// Starts one process after the other, each when those before it are ready, keeps them running, and shows what
    /// matters of their logs. Returns when `work` does, or when the task is cancelled; nothing is ended then.
    /// - Throws: `.unavailable` if one does not become ready, with the end of its log; what `work` throws.
    func run(_ work: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.followLogs() }
            let deadline = ContinuousClock.now + Self.readyDeadline
            for process in processes {
                try process.start()
                group.addTask { try await process.supervise() }
                try await untilReady(process, deadline)
                terminal.noteLine("  ✓ \(padded(process.plan.name))\(ports(process.plan))")
            }
            try await work()
        }
    }

    private func untilReady(_ process: SupervisedProcess, _ deadline: ContinuousClock.Instant) async throws {
        while let reason = await unreadiness(process.plan.readiness) {
            guard ContinuousClock.now < deadline, process.endings < Self.maximumFalseStarts else {
                throw CommandFailure(
                    .unavailable, "\(process.plan.name) is not ready: \(reason)",
                    hints: ["The end of \(process.logFile):"] + endOfLog(process))
            }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    /// Ends the processes, those that need others first.
    func end() async {
        for process in processes.reversed() { await process.end() }
    }

    private func followLogs() async throws {
        var logs = logs
        while true {
            for index in logs.indices {
                let lines = logs[index].newLines()
                // At the first start, life-cycle lines only repeat what is told anyway.
                let isBack = processes[index].endings > 0
                for line in presenter.present(lines, of: processes[index].plan.name, withLifeCycle: isBack) {
                    terminal.noteLine(line)
                }
                logs[index].rotateIfFull()
            }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    /// Why the server is not ready; nil if it is.
    private func unreadiness(_ readiness: ProcessPlan.Readiness) async -> String? {
        do {
            let response = try await transport.send(
                HTTPRequest(.get, readiness.path), to: HTTPOrigin(host: "127.0.0.1", port: readiness.port),
                deadlines: HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(5), idle: .seconds(5)))
            let body = try await response.body.collect(limitBytes: LocalFile.maximumSize)
            return response.status.isSuccess
                ? nil : PlatformClient.failure(status: response.status, body: body).message
        } catch {
            return "it does not answer on port \(readiness.port)."
        }
    }

    private func endOfLog(_ process: SupervisedProcess) -> [String] {
        var log = LogFile(path: process.logFile, fromStart: true)
        return log.newLines().suffix(10).map { "  \($0)" }
    }

    private func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(1, presenter.nameWidth + 2 - name.count))
    }

    private func ports(_ plan: ProcessPlan) -> String {
        plan.ports.sorted().map(String.init).joined(separator: ", ")
    }
}
