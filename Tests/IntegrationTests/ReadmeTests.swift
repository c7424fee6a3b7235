import Foundation
import Subprocess
import Testing

@testable import slipway

/// What the README shows is what happens.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReadmeTests {
    static let transcript = ConsoleTranscript(
        markdown: (try? String(contentsOfFile: "\(DevelopmentStack.repository)/README.md", encoding: .utf8)) ?? "")

    @Test func theCommandsPrintWhatTheReadmeShows() async throws {
        let stack = try DevelopmentStack()
        let start = try #require(Self.transcript.steps.first)
        #expect(start.command == "make run")
        let process = try stack.start("--demo")
        try await stack.untilPrinted("Ctrl-C stops everything.")
        expect(start, stack.output, stack.ports)
        let steps = Array(Self.transcript.steps.dropFirst())
        #expect(steps.count > 5)
        let output = try await stack.run(script(steps, stack))
        let parts = output.split(separator: Self.separator, omittingEmptySubsequences: false).dropFirst()
        #expect(parts.count == steps.count)
        for (step, actual) in zip(steps, parts) { expect(step, Array(actual), stack.ports) }
        #expect(await stack.stop(process) == .code(0))
        #expect(stack.leftovers.isEmpty)
    }

    private static let separator = "----- next step -----"

    /// One shell for all steps, since later ones use what earlier ones have set.
    private func script(_ steps: [ConsoleTranscript.Step], _ stack: DevelopmentStack) -> String {
        // An output may end without a line break.
        let commands = steps.map { "printf '\\n%s\\n' '\(Self.separator)'\n\(withPorts($0.command, stack.ports))\n" }
        return "exec 2>&1\n" + commands.joined()
    }

    /// The README speaks of the usual ports; the test has others.
    private func withPorts(_ text: String, _ ports: DevPorts) -> String {
        let usual = DevPorts(base: DevPorts.defaultBase, sidecar: DevPorts.defaultSidecar)
        return zip(usual.all, ports.all).reduce(text) { text, pair in
            text.replacingOccurrences(of: "127.0.0.1:\(pair.0)", with: "127.0.0.1:\(pair.1)")
        }
    }

    private func expect(_ step: ConsoleTranscript.Step, _ actual: [String], _ ports: DevPorts) {
        let usual = DevPorts(base: DevPorts.defaultBase, sidecar: DevPorts.defaultSidecar)
        let lines = actual.map { line in
            zip(ports.all, usual.all).reduce(line) { line, pair in
                line.replacingOccurrences(of: String(pair.0), with: String(pair.1))
            }
        }
        let difference = ConsoleTranscript.difference(trimmed(lines), from: trimmed(step.output))
        #expect(difference == nil, "\(step.command)\n\(difference ?? "")")
    }

    /// Without empty lines at the end.
    private func trimmed(_ lines: [String]) -> [String] {
        Array(lines.reversed().drop { $0.isEmpty }.reversed())
    }
}
