import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct TokenCommandTests {
    static let id = "0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let transport = ScriptedTransport { exchange in
        switch exchange.request.method {
        case .post: return .json(201, ["id": "t", "name": "trial", "token": "slp_secret", "requests_per_minute": 60])
        case .delete: return HTTPResponse(204)
        default:
            return .json(
                200,
                [
                    "tokens": [
                        [
                            "id": "t", "name": "trial", "created_at": "2026-11-21T08:05:11.123Z",
                            "requests_per_minute": 60, "tokens_per_minute": 1_000_000,
                        ], ["id": "u", "name": "", "created_at": "2026-11-21T08:05:12.123Z"],
                    ]
                ])
        }
    }

    @Test func printsANewTokenAloneAndOnce() async {
        let run = await CommandRun(
            "tokens", "create", Self.id, "--name", "trial", "--expires-in", "3600", "--requests-per-minute", "60",
            "--tokens-per-minute", "1000000000", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(run.output == "slp_secret\n" && !run.notes.contains("slp_secret"))
        let exchange = transport.exchanges.first
        #expect(exchange?.line == "POST /model_services/\(Self.id)/tokens")
        #expect(
            exchange?.body == [
                "name": "trial", "expires_in_seconds": 3600, "requests_per_minute": 60,
                "tokens_per_minute": 1_000_000_000,
            ])
        #expect(exchange?.request.fields["Idempotency-Key"] != nil)
    }

    @Test(arguments: ["--requests-per-minute=0", "--tokens-per-minute=1000000001", "--expires-in=x"])
    func refusesLimitsThatAreNone(flag: String) async {
        let run = await CommandRun("tokens", "create", Self.id, flag, in: folder, transport: transport)
        #expect(run.status == .usage && transport.exchanges.isEmpty)
    }

    @Test func listsTheLimits() async {
        let run = await CommandRun("tokens", "list", Self.id, in: folder, transport: transport)
        #expect(
            run.output == """
                ID  NAME   CREATED              EXPIRES  REQUESTS/MIN  TOKENS/MIN
                t   trial  2026-11-21 08:05:11  –                  60     1000000
                u   –      2026-11-21 08:05:12  –                   –           –

                """)
        let document = await CommandRun("tokens", "list", Self.id, "--output", "json", in: folder, transport: transport)
        #expect(document.output.contains("\"tokens_per_minute\": 1000000"))
    }

    @Test func revokesAToken() async {
        let run = await CommandRun("tokens", "revoke", Self.id, "a/b", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(transport.lines == ["DELETE /model_services/\(Self.id)/tokens/a%2Fb"])
    }
}
