import Audit
import Domain
import Foundation
import JSON
import Testing

@Suite struct AuditLogTests {
    private let sample = SampleLog()

    @Test func writesWhoDidWhatAndByWhichRule() throws {
        try sample.fill(1)
        let change = try sample.json(0)
        #expect(change["seq"] == 1)
        #expect(change["time"] == "2026-11-21T08:00:00.000Z")
        #expect(change["event"] == "change")
        #expect(change["subject"] == "alice")
        #expect(change["credential"] == "jwt")
        #expect(change["action"] == "model:update")
        #expect(change["object"] == "models/0")
        #expect(change["decision"] == "allowed")
        #expect(change["rule"] == "p, role:model-editor, models/*, model:update, allow")
        let outcome = try sample.json(1)
        #expect(outcome["of"] == 1)
        #expect(outcome["status"] == 200)
        #expect(outcome["prev"] == change["hash"])
    }

    @Test func onlyItsOwnerMayReadIt() throws {
        try sample.fill(1)
        for name in try sample.files + ["\(sample.folder)/head"] {
            let mode = try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test func goesOnWhereItStopped() throws {
        for _ in 0..<3 { try sample.fill(2) }
        #expect(sample.report.isWhole, "\(sample.reasons)")
        #expect(sample.report.lines == 12)
        #expect(sample.report.last.sequence == 12)
    }

    @Test func goesOnInAnotherFileWhenOneIsFull() throws {
        try sample.fill(20, limitBytes: 2000)
        try sample.fill(20, limitBytes: 2000)
        #expect(try sample.files.count > 5)
        #expect(sample.report.isWhole, "\(sample.reasons)")
        #expect(sample.report.lines == 80)
        let sizes = try sample.files.map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }
        #expect(sizes.allSatisfy { $0 <= 2000 })
    }

    @Test func writesAChainForEachProcess() throws {
        let first = try sample.open()
        let second = try sample.open()
        #expect(second.folder == first.folder + "-2")
        try first.append(.change(SampleLog.request()))
        try second.append(.change(SampleLog.request()))
        let chains = AuditReport.chains(in: (sample.folder as NSString).deletingLastPathComponent)
        #expect(chains == [first.folder, second.folder])
        let other = (sample.folder as NSString).deletingLastPathComponent + "/engine"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try "{}\n".write(toFile: other + "/answers.jsonl", atomically: false, encoding: .utf8)
        #expect(AuditReport.chains(in: (sample.folder as NSString).deletingLastPathComponent) == chains)
        #expect(chains.allSatisfy { AuditVerification.report(onFolder: $0).isWhole })
    }

    @Test(arguments: [
        "a\nb", "a\"b", "\u{0}\u{1B}[31m", "a\\b", "{\"seq\":1}", "\u{85}\u{2028}\u{202E}", "аdmin", "😀", "\r\n",
        String(repeating: "é", count: 4000), "\u{9B}31m",
    ])
    func whateverNamesHoldItStaysALine(name: String) throws {
        let log = try sample.open()
        var request = SampleLog.request(name)
        request.subject = name
        request.groups = [name, name]
        request.method = name
        request.peer = name
        request.rule = name
        try log.append(.change(request))
        try log.append(.refusal(request, status: 403))
        let lines = try sample.lines
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.dropLast().allSatisfy { (0x20..<0x7F).contains($0) } })
        #expect(sample.report.isWhole)
        let subject = try #require(try sample.json(0)["subject"]?.stringValue)
        #expect(name.utf8.count > AuditLimits.textBytes || subject.utf8.elementsEqual(name.utf8))
        #expect(subject.utf8.count <= AuditLimits.textBytes + 8)
    }

    @Test func cutsOffWhatAProcessDiedOver() throws {
        try sample.fill(2)
        let lines = try sample.lines
        try sample.write(lines + [Data("{\"seq\":5,\"time".utf8)])
        #expect(!sample.report.isWhole)
        let log = try sample.open()
        #expect(log.news == [.mended(bytes: 14)])
        try log.append(.change(SampleLog.request()))
        #expect(sample.report.isWhole, "\(sample.reasons)")
        #expect(sample.report.mended == 1)
        #expect(try sample.json(4)["event"] == "mended")
    }

    @Test func cutsOffTheFirstLineToo() throws {
        _ = try sample.open()
        try sample.write([Data("{\"seq".utf8)])
        let log = try sample.open()
        #expect(log.news == [.mended(bytes: 5)])
        #expect(sample.report.isWhole, "\(sample.reasons)")
    }

    @Test func aLineThatTheHeadDoesNotKnowOfIsNoFault() throws {
        try sample.fill(1)
        let head = try Data(contentsOf: URL(fileURLWithPath: sample.folder + "/head"))
        let log = try sample.open()
        try log.append(.change(SampleLog.request()))
        // As if the process had died between the two.
        try head.write(to: URL(fileURLWithPath: sample.folder + "/head"))
        #expect(sample.report.isWhole, "\(sample.reasons)")
    }

    @Test func doesNotForgetWhatWasCutBetweenTwoProcesses() throws {
        try sample.fill(3)
        try sample.write(Array(try sample.lines.prefix(4)))
        let log = try sample.open()
        #expect(log.news == [.gap("lines 5 to 6 are missing at the end of the log")])
        try log.append(.change(SampleLog.request()))
        #expect(sample.report.last.sequence == 8)
        #expect(sample.reasons.contains("5: lines 5 to 6 of the chain are missing before it"))
    }

    @Test(arguments: ["head", "files", "last"])
    func tellsWhatItFindsMissing(what: String) throws {
        try sample.fill(3)
        switch what {
        case "head": try FileManager.default.removeItem(atPath: sample.folder + "/head")
        case "files": try FileManager.default.removeItem(atPath: try #require(sample.files.first))
        default: try sample.write(try sample.lines.dropLast() + [Data("{}\n".utf8)])
        }
        let log = try sample.open()
        #expect(log.news.count == 1)
        try log.append(.change(SampleLog.request()))
        let report = sample.report
        #expect(!report.isWhole)
        #expect(report.findings.contains { $0.reason.contains("found lines missing or damaged") })
    }

    @Test func cannotBeKeptWhereThereIsNoFolder() throws {
        try sample.fill(1)
        let file = try #require(sample.files.first)
        #expect(throws: AuditFailure.self) { try AuditLog(in: file + "/below") { .init(millisecondsSinceEpoch: 0) } }
    }
}
