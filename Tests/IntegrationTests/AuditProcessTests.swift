import Audit
import Foundation
import HTTP
import JSON
import Subprocess
import Testing

/// The audit log of a process that is killed again and again.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct AuditProcessTests {
    @Test func staysWholeWhenItsProcessIsKilled() async throws {
        try await ControlPlaneStack.run([.sidecar, .models]) { stack in
            let log = "\(stack.folder)/audit/model-management"
            var acknowledged: Set<String> = []
            for round in 0..<4 {
                acknowledged.formUnion(await create(round, on: stack))
                try stack.start(.models)
                try await stack.untilReady(.models)
                let report = AuditVerification.report(onFolder: log)
                #expect(report.isWhole, "\(report.findings)")
            }
            #expect(acknowledged.count >= 4 * 8)
            let text = try text(in: log)
            // Whatever was acknowledged was told of before it was made; its outcome may have been cut off by the end.
            for id in acknowledged { #expect(text.contains("\"created\":\"/models/\(id)\"")) }
            #expect(!text.contains(ControlPlaneStack.adminKey))
            let verified = try await verify(stack.folder)
            #expect(verified.status == .code(0), "\(verified.output)")
            try alter(log)
            let altered = try await verify(stack.folder)
            #expect(altered.status == .code(1))
            #expect(altered.output.contains(".jsonl:2: it was altered"), "\(altered.output)")
        }
    }

    /// Creates models until the process is killed in the midst of them.
    private func create(_ round: Int, on stack: ControlPlaneStack) async -> Set<String> {
        await withTaskGroup(of: String?.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let name = JSONValue.string("model-\(round)-\(number)")
                    return try? await stack.send(.post, "/models", of: .models, ["name": name]).json["id"]?.stringValue
                }
            }
            var ids: Set<String> = []
            for _ in 0..<8 { if let id = await group.next().flatMap(\.self) { ids.insert(id) } }
            _ = try? await stack.end(.models, by: SIGKILL)
            for await id in group { if let id { ids.insert(id) } }
            return ids
        }
    }

    private func text(in log: String) throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: log).filter { $0.hasSuffix(".jsonl") }.sorted()
            .map { try String(contentsOfFile: "\(log)/\($0)", encoding: .utf8) }.joined()
    }

    private func alter(_ log: String) throws {
        let path = "\(log)/00000000000000000001.jsonl"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines[1] = lines[1].replacing("\"trace_id\":\"", with: "\"trace_id\":\"0")
        try lines.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func verify(_ folder: String) async throws -> (status: ProcessExit.Status?, output: String) {
        let output = "\(folder)/verify.log"
        try? FileManager.default.removeItem(atPath: output)
        let request = SpawnRequest(
            arguments: ["\(DevelopmentStack.programs)/slipway", "audit", "verify", "\(folder)/audit"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""], workingDirectory: folder,
            outputFile: output)
        let status = try await ProcessExit.wait(for: try request.spawn())
        return (status, try String(contentsOfFile: output, encoding: .utf8))
    }
}
