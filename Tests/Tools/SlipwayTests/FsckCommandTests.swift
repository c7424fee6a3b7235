import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct FsckCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func finding(repaired: Bool) -> JSONValue {
        [
            "kind": "orphan_claim", "subject": "claim:1", "message": "Held by nobody.", "repaired": .bool(repaired),
        ]
    }

    /// Servers of which ModelServing finds something.
    private static func servers(_ finding: JSONValue?) -> ScriptedTransport {
        ScriptedTransport { exchange in
            guard ["/consistency", "/consistency:repair"].contains(exchange.request.path) else {
                return .problem(404, "No route \(exchange.line).")
            }
            let findings = exchange.origin.port == 8080 ? [finding].compactMap { $0 } : []
            return .json(200, ["findings": .array(findings), "checked": ["models": 3], "truncated": false])
        }
    }

    @Test func saysThatEverythingAgrees() async {
        let transport = Self.servers(nil)
        let run = await CommandRun("fsck", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(run.output.hasSuffix("everything agrees.\n"))
        #expect(transport.lines == Array(repeating: "GET /consistency", count: 3))
    }

    @Test func showsWhatIsOpenAndFails() async {
        let run = await CommandRun("fsck", in: folder, transport: Self.servers(Self.finding(repaired: false)))
        #expect(run.status == .failed)
        #expect(run.output.contains("orphan_claim") && run.output.contains("Held by nobody."))
        #expect(run.notes.contains("slipway fsck --repair"))
    }

    @Test func repairs() async {
        let transport = Self.servers(Self.finding(repaired: true))
        let run = await CommandRun("fsck", "--repair", "--output", "json", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(transport.lines == Array(repeating: "POST /consistency:repair", count: 3))
        #expect(run.output.contains("\"service\""))
    }
}
