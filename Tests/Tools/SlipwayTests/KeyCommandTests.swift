import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct KeyCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let transport = ScriptedTransport { exchange in
        switch exchange.request.method {
        case .post: return .json(201, ["id": "k1", "name": "ci", "owner": "alice", "key": "slk_secret"])
        case .delete: return HTTPResponse(204)
        default:
            return .json(
                200,
                [
                    "api_keys": [
                        [
                            "id": "k1", "name": "ci", "owner": "alice", "created_by": "admin",
                            "created_at": "2026-11-21T08:05:11.123Z", "expires_at": "2027-11-21T08:05:11.123Z",
                        ]
                    ]
                ])
        }
    }

    @Test func printsANewKeyAloneAndOnce() async {
        let run = await CommandRun(
            "keys", "create", "--owner", "alice", "--name", "ci", "--expires-in", "3600", in: folder,
            transport: transport)
        #expect(run.status == .succeeded)
        #expect(run.output == "slk_secret\n" && !run.notes.contains("slk_secret"))
        #expect(transport.exchanges.first?.line == "POST /api_keys")
        #expect(
            transport.exchanges.first?.body == ["owner": "alice", "name": "ci", "expires_in_seconds": 3600])
        #expect(transport.exchanges.first?.request.fields["Idempotency-Key"] != nil)
    }

    @Test func leavesTheOwnerToTheServer() async {
        _ = await CommandRun("keys", "create", in: folder, transport: transport)
        #expect(transport.exchanges.first?.body == [:])
    }

    @Test func listsKeysOfOneOwner() async {
        let run = await CommandRun("keys", "list", "--owner", "a b", in: folder, transport: transport)
        #expect(run.output.contains("k1") && run.output.contains("alice") && run.output.contains("admin"))
        #expect(transport.lines == ["GET /api_keys?page_size=200&owner=a%20b"])
    }

    @Test func revokesAKeyAtTheServiceThatIsNamed() async {
        let run = await CommandRun(
            "keys", "revoke", "a/b", "--at", "model-management", in: folder, transport: transport)
        #expect(run.output == "Revoked.\n")
        #expect(transport.lines == ["DELETE /api_keys/a%2Fb"])
        #expect(transport.exchanges.first?.origin.port == 8081)
    }
}
