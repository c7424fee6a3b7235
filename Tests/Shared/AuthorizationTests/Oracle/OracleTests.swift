import Authorization
import Foundation
import JSON
import TestSupport
import Testing

/// Decisions beside pycasbin's: stored ones, and new ones where pycasbin is there.
@Suite struct OracleTests {
    private static var folder: String { CheckedInDocument("Tests/Shared/AuthorizationTests/Oracle").path }

    /// What both decide is the same. Where pycasbin has no answer (a pattern that is none, in a policy that cannot
    /// apply) ours may have one.
    private func compare(_ lines: String) throws -> Int {
        var compared = 0
        for line in lines.split(separator: "\n") {
            let oracleCase = try #require(try JSONParser.parse(Array(line.utf8)).objectValue)
            let seed = oracleCase["seed"]?.integerValue ?? -1
            let model = try AccessModel(parsing: oracleCase["model"]?.stringValue ?? "")
            let policy = try AccessPolicy(
                model, try PolicyFile(parsing: oracleCase["policy"]?.stringValue ?? ""))
            let requests = (oracleCase["requests"]?.arrayValue ?? []).map { request in
                (request.arrayValue ?? []).compactMap(\.stringValue)
            }
            for (request, decision) in zip(requests, oracleCase["decisions"]?.arrayValue ?? []) {
                guard let wanted = decision.boolValue else { continue }
                compared += 1
                #expect(policy.decide(request).isAllowed == wanted, "seed \(seed): \(request)")
            }
        }
        return compared
    }

    @Test func decidesAsPycasbinDid() throws {
        let stored = try String(contentsOfFile: Self.folder + "/decisions.jsonl", encoding: .utf8)
        #expect(try compare(stored) > 3000)
    }

    @Test(.enabled(if: python != nil, "pycasbin is not installed: make test installs it where PyPI can be reached"))
    func decidesAsPycasbinDoesNow() throws {
        let python = try #require(Self.python)
        let seed = Int.random(in: 1_000_000..<1_000_000_000)
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [Self.folder + "/oracle.py", "\(seed)", "200"]
        process.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try compare(text) > 1000)
    }

    /// A Python that has casbin.
    private static var python: String? { ProcessInfo.processInfo.environment["SLIPWAY_TEST_CASBIN_PYTHON"] }
}
