import HTTP
import Testing

@testable import slipway

@Suite struct PolicyCommandTests {
    private let folder: TemporaryFolder
    private let nobody = ScriptedTransport { _ in HTTPResponse(.internalServerError) }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            [request_definition]
            r = sub, obj, act
            [policy_definition]
            p = sub, obj, act
            [role_definition]
            g = _, _
            [policy_effect]
            e = some(where (p.eft == allow))
            [matchers]
            m = g(r.sub, p.sub) && keyMatch5(r.obj, p.obj) && r.act == p.act || r.sub.Age > 60 && r.act == "read"
            """, to: "model.conf")
        try folder.write(
            "p, staff, /docs/{id}, read\np, broken, *, read\ng, alice, staff\ng, /users/:id, staff\n", to: "policy.csv")
        try folder.write(
            "alice, /docs/7, read\n# a comment\n\nalice, /docs/7, write\nbroken, /docs/7, read\n", to: "requests.csv")
    }

    private func run(_ more: String...) async -> CommandRun {
        await CommandRun(
            words: ["policy", "test", "--model", "model.conf", "--policy", "policy.csv", "--requests", "requests.csv"]
                + more, in: folder, transport: nobody)
    }

    @Test func printsADecisionForEachRequest() async {
        let run = await run()
        #expect(run.status == .succeeded)
        #expect(run.output == "true\nfalse\nfalse\n")
        #expect(
            run.notes.hasPrefix("line 4: a string has no attribute \"Age\"\nline 5: the pattern \"^*$\" of keyMatch5"))
    }

    @Test func saysWhatMadeADecision() async {
        let explained = await run("--explain")
        #expect(explained.output.hasPrefix("true\tp, staff, /docs/{id}, read\nfalse\t"))
        let json = await run("--output", "json")
        #expect(json.output.contains("\"rule\": \"p, staff, /docs/{id}, read\""))
    }

    @Test func namesAndAttributesCanBeUsed() async throws {
        try folder.write("/users/7, /docs/1, read\n\"{\"\"Age\"\":61}\",x,read\n", to: "requests.csv")
        let run = await run("--role-pattern", "g=keyMatch2", "--repeat", "2")
        #expect(run.output.hasPrefix("true\n"), "\(run)")
        #expect(run.notes.contains("4 decisions, "))
    }

    @Test func saysWhereAFileIsWrong() async throws {
        try folder.write("p, staff, /docs\n", to: "policy.csv")
        let run = await run()
        #expect(run.status == .usage)
        #expect(run.notes.contains("policy.csv, line 1, column 1: a policy p has 3 fields"), "\(run.notes)")
        #expect(run.output.isEmpty)
    }

    @Test(arguments: [
        ["--role-pattern", "g"], ["--role-pattern", "g=nothing"], ["--domain-pattern", "g=keyGet2"], ["--repeat", "0"],
    ])
    func refusesWhatItCannotUse(flags: [String]) async {
        let run = await CommandRun(
            words: ["policy", "test", "--model", "model.conf", "--policy", "policy.csv"] + flags, in: folder,
            transport: nobody)
        #expect(run.status == .usage)
    }
}
