import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct RuntimeCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let platform = ScriptedTransport { exchange in
        guard exchange.line == "GET /runtimes" else { return .problem(404, "No route \(exchange.line).") }
        return .json(
            200,
            [
                "runtimes": [
                    ["name": "process", "available": true, "keeps_replicas_inside": false],
                    [
                        "name": "ray", "available": false, "keeps_replicas_inside": true,
                        "reason": "SLIPWAY_RAY_URL is not set",
                    ],
                ]
            ])
    }

    @Test func saysWhichCanBeUsedAndWhyNot() async {
        let run = await CommandRun("runtimes", in: folder, transport: Self.platform)
        #expect(run.status == .succeeded, "\(run.notes)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("process") && $0.contains("yes") })
        #expect(
            lines.contains { $0.hasPrefix("ray") && $0.contains("no") && $0.contains("SLIPWAY_RAY_URL is not set") })
    }

    @Test func isJSONForMachines() async {
        let run = await CommandRun("runtimes", "--output", "json", in: folder, transport: Self.platform)
        #expect(run.output.contains("\"keeps_replicas_inside\""))
    }
}
