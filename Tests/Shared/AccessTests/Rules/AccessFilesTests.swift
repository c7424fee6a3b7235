import Access
import Authorization
import TestSupport
import Testing

@Suite struct AccessFilesTests {
    @Test(arguments: [
        ("p, alice, models", 1), ("# all\np, alice, models, *, maybe", 2), ("g, alice", 1), ("q, a, b, c, d", 1),
        ("p, alice, models, *, allow\n\np, \"alice, models, *, allow", 3),
    ])
    func tellsTheLineOfWhatIsWrong(policy: String, line: Int) throws {
        let model = try ShippedAccess.text("config/access_model.conf")
        let failure = try #require(throws: AccessFiles.Failure.self) {
            try AccessFiles(model: model, policy: policy)
        }
        #expect(failure.file == .policy && failure.error.line == line)
    }

    @Test(arguments: [("r = sub, obj, act", "r = sub, act"), ("p = sub, obj, act, eft", "p = sub, obj, act, dom")])
    func refusesAModelThatAsksSomethingElse(text: String, other: String) throws {
        let model = try ShippedAccess.text("config/access_model.conf").replacing(text, with: other)
        let failure = try #require(throws: AccessFiles.Failure.self) { try AccessFiles(model: model, policy: "") }
        #expect(failure.file == .model)
    }

    @Test func numbersItsRulesByTheirLines() throws {
        let model = try ShippedAccess.text("config/access_model.conf")
        let files = try AccessFiles(model: model, policy: "# who\n\np, alice, *, *, allow\ng, bob, role:x\n")
        #expect(files.rules.map(\.id) == ["file-3", "file-4"])
        #expect(files.rules.allSatisfy { $0.source == .file && $0.createdAt == nil })
    }
}
