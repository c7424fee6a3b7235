import FoundationEssentials
import Glibc
import Testing

@testable import Subprocess

@Suite(.timeLimit(.minutes(3))) struct SubprocessTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func givesExactlyTheEnvironmentDirectoryAndFiles() async throws {
        let process = try shell("env | sort; pwd; ls -l /proc/self/fd | wc -l; echo oops >&2; ulimit -n; ulimit -c")
        #expect(try await ProcessExit.wait(for: process) == .code(0))
        let lines = folder.text("output").split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("HOME=") || $0.hasPrefix("USER=") } == [])
        #expect(lines.contains("MARKER=\(folder.path)"))
        #expect(lines.contains(folder.path))
        #expect(lines.contains("oops"))
        #expect(lines.contains("128"))
        #expect(lines.last == "0")
        // Standard input, output and error, what `ls` itself opens, and the line with the total.
        #expect(lines.contains("5"))
    }

    @Test func startsInASessionOfItsOwnWithSignalsAsAtFirst() async throws {
        let ignored = Glibc.signal(SIGTERM, SIG_IGN)
        defer { Glibc.signal(SIGTERM, ignored) }
        let process = try shell("grep -E 'SigIgn|SigBlk' /proc/self/status; cut -d' ' -f5,6 /proc/$$/stat; echo $$")
        #expect(try await ProcessExit.wait(for: process) == .code(0))
        let lines = folder.text("output").split(separator: "\n").map(String.init)
        let masks = lines.filter { $0.hasPrefix("Sig") }.compactMap { UInt64($0.suffix(16), radix: 16) }
        // Signals 32 and 33 belong to the C library, which lets nobody change them.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
        #expect(lines.suffix(2) == ["\(process.pid) \(process.pid)", "\(process.pid)"])
    }

    @Test func tellsHowAProcessEnded() async throws {
        #expect(try await ProcessExit.wait(for: shell("exit 3")) == .code(3))
        #expect(try await ProcessExit.wait(for: shell("kill -KILL $$")) == .signal(SIGKILL))
        let killed: ProcessExit.Status = .signal(SIGKILL)
        #expect(killed.description == "signal 9 (SIGKILL)")
    }

    @Test func leavesTheProcessAloneWhenTheWaiterGivesUp() async throws {
        let process = try shell("echo begun; exec sleep 60")
        _ = try await folder.awaitLine("output")
        let waiter = Task { try await ProcessExit.wait(for: process) }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(ProcessTable.isAlive(process))
        #expect(await family(process).end(grace: .seconds(5)))
        #expect(!ProcessTable.isAlive(process))
    }

    @Test func saysWhyACommandCannotBeStarted() throws {
        func failure(_ arguments: [String], directory: String? = nil, output: String? = nil) -> SpawnFailure? {
            var request = request(arguments)
            if let directory { request.workingDirectory = directory }
            if let output { request.outputFile = output }
            do throws(SpawnFailure) {
                _ = try request.spawn()
                return nil
            } catch {
                return error
            }
        }
        #expect(
            failure(["no-such-engine"]) == .commandNotFound(command: "no-such-engine", searched: "/usr/bin:/bin"))
        #expect(failure(["./no-such"]) == .commandNotFound(command: "./no-such", searched: ""))
        #expect(failure(["/etc/passwd"]) == .notExecutable(command: "/etc/passwd", reason: "Permission denied"))
        #expect(
            failure(["/bin/true"], directory: "/nowhere")
                == .workingDirectory(path: "/nowhere", reason: "No such file or directory"))
        #expect(
            failure(["/bin/true"], output: "/nowhere/output")
                == .outputFile(path: "/nowhere/output", reason: "No such file or directory"))
        #expect(failure([]) == .failed("the command is empty"))
        #expect(failure(["a\u{0}b"]) == .failed("a NUL character in the command or its environment"))
        let script = folder.file("script")
        try Data("#!/no/such/shell\n".utf8).write(to: URL(filePath: script))
        #expect(chmod(script, 0o700) == 0)
        #expect(failure([script]) == .notExecutable(command: script, reason: "its interpreter does not exist"))
    }

    @Test func tellsAProcessFromAnotherWithItsPid() async throws {
        let process = try shell("exec sleep 60")
        let other = ProcessIdentity(pid: process.pid, startTime: process.startTime + 1, bootID: process.bootID)
        let earlier = ProcessIdentity(pid: process.pid, startTime: process.startTime, bootID: "another boot")
        #expect(ProcessTable.isAlive(process))
        #expect(ProcessTable.identity(of: process.pid) == process)
        #expect(!ProcessTable.isAlive(other))
        #expect(!ProcessTable.isAlive(earlier))
        let stranger = ProcessFamily(leader: other, marker: (name: "MARKER", value: "nobody"))
        #expect(stranger.members.isEmpty)
        #expect(await stranger.end(grace: .zero))
        #expect(ProcessTable.isAlive(process), "a reused pid is not killed")
        #expect(try await ProcessExit.wait(for: other) == .unknown)
        #expect(await family(process).end(grace: .seconds(5)))
    }

    @Test func endsEverythingThatCameFromAProcess() async throws {
        // A child in the session, one in a session of its own that ignores SIGTERM, and a leader that is gone.
        let process = try shell(
            """
            sleep 61 &
            setsid sh -c 'trap "" TERM; echo ready; while :; do sleep 1; done' &
            """)
        _ = try await folder.awaitLine("output")
        let status = try await ProcessExit.wait(for: process)
        #expect(status == .code(0))
        #expect(family(process).members.count >= 2)
        #expect(await family(process).end(grace: .milliseconds(100)))
        #expect(family(process).members.isEmpty)
    }

    @Test func givesAProcessTimeToEnd() async throws {
        let process = try shell("trap 'sleep 0.2; echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done")
        _ = try await folder.awaitLine("output")
        #expect(await family(process).end(grace: .seconds(10)))
        #expect(folder.text("output").hasSuffix("bye\n"))
    }

    @Test func waitsForAProcessThatIsNoChild() async throws {
        // The shell ends at once, and its child with it belongs to someone else.
        let parent = try shell("setsid sh -c 'echo $$; sleep 0.3' & wait -f $! 2>/dev/null & exit 0")
        let pid = try #require(Int32(try await folder.awaitLine("output").dropLast()))
        let process = try #require(ProcessTable.identity(of: pid))
        _ = try await ProcessExit.wait(for: parent)
        #expect(try await ProcessExit.wait(for: process) == .unknown)
        #expect(!ProcessTable.isAlive(process))
    }

    @Test func findsProcessesByTheirMarker() async throws {
        let value = UUID().uuidString
        var request = request(["sleep", "60"])
        request.environment["MARKER"] = value
        let process = try request.spawn()
        let found = ProcessTable.processes(withVariable: "MARKER").filter { $0.value == value }
        #expect(found.map(\.process) == [process])
        #expect(ProcessTable.variable("PATH", of: process.pid) == "/usr/bin:/bin")
        #expect(ProcessTable.variables(of: process.pid)["PATH"] == "/usr/bin:/bin")
        let family = ProcessFamily(leader: nil, marker: (name: "MARKER", value: value))
        #expect(await family.end(grace: .seconds(5)))
        #expect(ProcessTable.processes(withVariable: "MARKER").filter { $0.value == value }.isEmpty)
    }

    @Test func readsNamesThatHoldParentheses() {
        let stat = "12 (a) S (b) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3"
        let entry = ProcessTable.parse(Array(stat.utf8))
        #expect(entry?.session == 12)
        #expect(entry?.startTime == 987_654)
        #expect(entry?.hasEnded == false)
        #expect(ProcessTable.parse(Array("12 (a".utf8)) == nil)
        #expect(ProcessTable.parse(Array("12 (a) S 1".utf8)) == nil)
    }

    private func request(_ arguments: [String]) -> SpawnRequest {
        SpawnRequest(
            arguments: arguments, environment: ["PATH": "/usr/bin:/bin", "MARKER": folder.path],
            workingDirectory: folder.path, outputFile: folder.file("output"),
            limits: [.coreBytes(0), .openFiles(128)])
    }

    private func shell(_ script: String) throws -> ProcessIdentity {
        try request(["sh", "-c", script]).spawn()
    }

    private func family(_ process: ProcessIdentity) -> ProcessFamily {
        ProcessFamily(leader: process, marker: (name: "MARKER", value: folder.path))
    }
}
