import Foundation
import Subprocess
import Testing

@testable import slipway

/// `slipway dev` with real processes and a real engine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DevCommandTests {
    static let up = "Ctrl-C stops everything."
    static let ask = "slipway infer tiny-chat \"what is dapr\""
    static let answer = "Dapr is a runtime that runs as a sidecar next to each service."

    @Test func answersAnotherQuestionWithOtherWords() async throws {
        let stack = try DevelopmentStack()
        let process = try stack.start("--once", "--question", "what is vllm")
        #expect(await stack.end(of: process) == .code(0), "\(stack.output.joined(separator: "\n"))")
        #expect(stack.output.contains("vLLM is an inference engine for large language models."))
        #expect(stack.leftovers.isEmpty)
    }

    @Test func findsTheStateOfAnEarlierRun() async throws {
        let stack = try DevelopmentStack()
        let first = try stack.start("--demo")
        try await stack.untilPrinted(Self.up)
        #expect(await stack.stop(first) == .code(0))
        #expect(stack.output.contains("Stopped 1 engine; the next start brings it back."))
        #expect(stack.leftovers.isEmpty)
        let second = try stack.start("--demo")
        try await stack.untilPrinted(Self.up, times: 2)
        let events = try await stack.run("slipway services events tiny-chat").joined(separator: "\n")
        #expect(events.contains("EndedUnwatched") && !events.contains("Exited"), "\(events)")
        #expect(await stack.stop(second) == .code(0))
        #expect(stack.output.contains("tiny-chat version 1 is this file already; nothing was changed."))
        #expect(stack.output.contains("The service tiny-chat is here already."))
        #expect(stack.leftovers.isEmpty)
    }

    @Test func doesNotStartTwiceInOneProject() async throws {
        let stack = try DevelopmentStack()
        let process = try stack.start()
        try await stack.untilPrinted(Self.up)
        let second = try await stack.run("slipway dev; echo \"status $?\"")
        #expect(second.first == "slipway: slipway dev already runs in this project, as process \(process.pid).")
        #expect(second.last == "status 5")
        #expect(await stack.stop(process) == .code(0))
    }

    @Test func leavesAFolderAloneThatIsNoProject() async throws {
        let stack = try DevelopmentStack()
        let output = try await stack.run("mkdir other; slipway dev --project other; echo \"status $?\"; ls -A other")
        #expect(output.contains { $0.contains("has no components/local, which says where state is kept.") })
        #expect(output.last == "status 2")
    }

    @Test func bringsBackWhateverDies() async throws {
        let stack = try DevelopmentStack()
        let process = try stack.start("--demo")
        try await stack.untilPrinted(Self.up)
        let engines = stack.engines
        for name in ["gateway", "model-serving", "model-management", "resource-management", "sidecar"] {
            let victim = try #require(stack.process(named: name))
            kill(victim.pid, SIGKILL)
            try await stack.untilPrinted("slipway: \(name) ended with signal 9 (SIGKILL); it is started again in 0.5 s")
            let isBack = try await stack.until(.seconds(30)) {
                stack.process(named: name).map { $0 != victim } ?? false
            }
            #expect(isBack, "\(name) did not come back")
        }
        var answer = try await stack.run(Self.ask)
        for _ in 0..<50 where answer != [Self.answer] {
            try await Task.sleep(for: .milliseconds(200))
            answer = try await stack.run(Self.ask)
        }
        #expect(answer == [Self.answer])
        // Engines outlive all of them.
        #expect(stack.engines == engines)
        #expect(await stack.stop(process) == .code(0))
        #expect(stack.leftovers.isEmpty)
    }

    @Test func endsWhatAKilledRunHasLeftBehind() async throws {
        let stack = try DevelopmentStack()
        let first = try stack.start("--demo")
        try await stack.untilPrinted(Self.up)
        kill(first.pid, SIGKILL)
        _ = await stack.end(of: first)
        #expect(stack.leftovers.count >= 5)
        let second = try stack.start("--demo", "--once")
        #expect(await stack.end(of: second) == .code(0), "\(stack.output.joined(separator: "\n"))")
        #expect(stack.output.contains { $0.hasPrefix("Ended what an earlier run left behind: ") })
        #expect(stack.leftovers.isEmpty)
    }

    @Test func saysWhoHasAPort() async throws {
        let stack = try DevelopmentStack()
        let script = """
            taken='import socket, time; s = socket.create_server(("127.0.0.1", \(stack.ports.gateway))); time.sleep(30)'
            python3 -c "$taken" &
            until (exec 3<>/dev/tcp/127.0.0.1/\(stack.ports.gateway)) 2>/dev/null; do sleep 0.05; done
            slipway dev --base-port \(stack.ports.base) --sidecar-port \(stack.ports.sidecar); echo "status $?"; kill %1
            """
        let output = try await stack.run(script)
        #expect(output.contains("slipway: A port is taken."))
        #expect(output.contains { $0.contains("port \(stack.ports.gateway) for gateway: python3") })
        #expect(output.contains("status 5"))
    }
}
