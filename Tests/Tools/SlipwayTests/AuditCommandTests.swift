import HTTP
import Testing

@testable import slipway

@Suite struct AuditCommandTests {
    private let folder: TemporaryFolder
    private let nobody = ScriptedTransport { _ in HTTPResponse(.internalServerError) }

    init() throws { folder = try TemporaryFolder() }

    private func run(_ words: String...) async -> CommandRun {
        await CommandRun(words: ["audit", "verify"] + words, in: folder, transport: nobody)
    }

    @Test func saysWhereThereIsNoLog() async {
        let run = await run("nowhere")
        #expect(run.status == .notFound)
        #expect(run.notes.contains("There is no audit log in"))
    }

    @Test(arguments: ["7", "x:y", "-1:00"])
    func refusesWhatIsNoPosition(text: String) async {
        #expect(await run("nowhere", "--after", text).status == .usage)
        #expect(await run("nowhere", "--expect=\(text)").status == .usage)
    }

    @Test func readsFilesAndSaysWhatIsWrongWithThem() async throws {
        try folder.write("{\"seq\":1}\n", to: "1.jsonl")
        try folder.write("", to: "2.jsonl")
        let table = await run("1.jsonl", "2.jsonl")
        #expect(table.status == .failed)
        #expect(table.output.contains("NOT WHOLE, 1 line in 2 files"))
        #expect(table.output.contains("1.jsonl:1: it was altered: it does not end with a hash"))
        let json = await run("1.jsonl", "--output", "json")
        #expect(json.output.contains("\"whole\": false") && json.output.contains("\"finding_count\": 1"))
    }
}
