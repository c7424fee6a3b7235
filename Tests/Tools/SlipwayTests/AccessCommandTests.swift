import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct AccessCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let transport = ScriptedTransport { exchange in
        switch exchange.line {
        case "POST /policies:explain":
            .json(
                200,
                [
                    "allowed": true, "allowed_as_owner": true,
                    "reason": "Allowed by: p, role:model-reader, models/{id}, model:get, allow",
                    "path": ["group:research", "role:model-reader"], "roles": ["role:model-reader", "role:member"],
                ])
        case "POST /policies:dry_run":
            .json(
                200,
                [
                    "decisions": 212, "lockout": "After this nobody could.",
                    "changes": [
                        [
                            "sub": "bob", "groups": ["release"], "obj": "models/1", "act": "model:delete",
                            "allowed_before": true, "allowed_after": false, "count": 2,
                            "last_at": "2026-11-21T08:05:11.123Z",
                        ]
                    ],
                ])
        case "POST /policies", "POST /role_bindings": .json(201, ["id": "p1"])
        case "POST /roles": .json(201, ["name": "team"])
        case let line where line.hasPrefix("DELETE"): HTTPResponse(204)
        case let line where line.hasPrefix("GET /roles"):
            .json(200, ["roles": [["name": "admin", "description": "", "source": "file"]]])
        case let line where line.hasPrefix("GET /role_bindings"):
            .json(
                200,
                [
                    "role_bindings": [
                        [
                            "id": "b1", "sub": "alice", "role": "role:team", "source": "store",
                            "created_at": "2026-11-21T08:05:11.123Z", "created_by": "admin",
                        ]
                    ]
                ])
        default:
            .json(
                200,
                [
                    "policies": [
                        ["id": "file-5", "sub": "role:admin", "obj": "*", "act": "*", "eft": "allow", "source": "file"]
                    ]
                ])
        }
    }

    private func run(_ words: String...) async -> CommandRun {
        await CommandRun(words: words, in: folder, transport: transport)
    }

    @Test func addsAPolicyOnce() async {
        let run = await run("policies", "add", "bob", "models/{id}", "model:delete", "--deny")
        #expect(run.output == "Added p1.\n")
        #expect(
            transport.exchanges.first?.body == [
                "sub": "bob", "obj": "models/{id}", "act": "model:delete", "eft": "deny",
            ])
        #expect(transport.exchanges.first?.request.fields["Idempotency-Key"] != nil)
    }

    @Test func triesAChangeWithoutMakingIt() async {
        let run = await run("policies", "add", "bob", "models/{id}", "model:delete", "--deny", "--dry-run")
        #expect(transport.lines == ["POST /policies:dry_run"])
        #expect(
            transport.exchanges.first?.body["add"]?["policies"] == [
                ["sub": "bob", "obj": "models/{id}", "act": "model:delete", "eft": "deny"]
            ])
        #expect(run.output.hasPrefix("Of the last 212 different decisions, 1 would be others.\n"))
        #expect(run.output.contains("It would be refused: After this nobody could."))
        #expect(run.output.contains("allowed  refused"))
        _ = await self.run("roles", "remove", "team", "--dry-run")
        #expect(transport.exchanges.last?.body == ["remove": ["roles": ["team"]]])
    }

    @Test func asksTheServiceThatIsNamed() async throws {
        try folder.write(#"{"remove": {"policies": ["p1"]}}"#, to: "change.json")
        _ = await run("policies", "dry-run", "change.json", "--at", "model-management")
        #expect(transport.exchanges.first?.origin.port == 8081)
        #expect(transport.exchanges.first?.body == ["remove": ["policies": ["p1"]]])
        #expect(await run("policies", "list", "--at", "gateway").status == .usage)
        try folder.write("{", to: "broken.json")
        #expect(await run("policies", "dry-run", "broken.json").status == .usage)
    }

    @Test func explainsADecision() async {
        let run = await run("policies", "explain", "alice", "models/1", "model:get", "--groups", "research,sales")
        #expect(
            transport.exchanges.first?.body == [
                "sub": "alice", "obj": "models/1", "act": "model:get", "groups": ["research", "sales"],
            ])
        #expect(run.output.contains("group:research → role:model-reader"))
        #expect(run.output.hasPrefix("allowed:"))
    }

    @Test(arguments: ["model-reader", "role:model-reader"])
    func bindsARoleByEitherName(role: String) async {
        _ = await run("role-bindings", "add", "alice", role)
        #expect(transport.exchanges.first?.body == ["sub": "alice", "role": "role:model-reader"])
    }

    @Test func listsWhatThereIsAndWhoSaysSo() async {
        #expect(await run("policies", "list", "--sub", "role:admin").output.contains("file-5"))
        #expect(transport.lines.last == "GET /policies?page_size=200&sub=role%3Aadmin")
        #expect(await run("roles", "list").output.contains("file"))
        let bindings = await run("role-bindings", "list", "--role", "role:team", "--output", "json")
        #expect((try? JSONParser.parse(bindings.output))?.arrayValue?.first?["id"] == "b1")
    }

    @Test func removesByNameOrId() async {
        #expect(await run("roles", "remove", "team").output == "Removed team.\n")
        #expect(await run("policies", "remove", "a/b").status == .succeeded)
        #expect(await run("role-bindings", "remove", "b1").status == .succeeded)
        #expect(transport.lines == ["DELETE /roles/team", "DELETE /policies/a%2Fb", "DELETE /role_bindings/b1"])
    }

    @Test func addsARole() async {
        #expect(await run("roles", "add", "team", "--description", "Who brings models out").output == "Added team.\n")
        #expect(
            transport.exchanges.first?.body == ["name": "team", "description": "Who brings models out"])
    }
}
