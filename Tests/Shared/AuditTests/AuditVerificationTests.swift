import Audit
import Foundation
import Testing

@Suite struct AuditVerificationTests {
    private let sample = SampleLog()

    @Test func findsEveryByteThatWasAltered() throws {
        try sample.fill(2)
        let lines = try sample.lines
        for line in lines.indices {
            for position in 0..<lines[line].count {
                var altered = lines
                altered[line][altered[line].startIndex + position] ^= [0x01, 0x20, 0x80][position % 3]
                try sample.write(altered)
                #expect(!sample.report.isWhole, "line \(line), byte \(position)")
            }
        }
        try sample.write(lines)
        #expect(sample.report.isWhole)
    }

    @Test func saysWhichLineWasAltered() throws {
        try sample.fill(3)
        var lines = try sample.lines
        let name = try #require(lines[2].firstRange(of: Data("alice".utf8)))
        lines[2].replaceSubrange(name, with: Data("mally".utf8))
        try sample.write(lines)
        #expect(sample.reasons == ["3: it was altered: it is not what was written"])
    }

    @Test func findsEveryLineThatWasRemoved() throws {
        try sample.fill(3)
        let lines = try sample.lines
        for line in lines.indices {
            try sample.write(Array(lines[..<line] + lines[(line + 1)...]))
            let report = sample.report
            #expect(report.findingCount == 1)
            #expect(report.findings[0].reason.hasPrefix("line \(line + 1) of the chain"), "\(report.findings)")
            #expect(report.findings[0].line == (line + 1 < lines.count ? line + 1 : nil))
        }
    }

    @Test func findsEveryPairThatWasSwapped() throws {
        try sample.fill(3)
        let lines = try sample.lines
        for first in lines.indices {
            for second in lines.indices where first < second {
                var swapped = lines
                swapped.swapAt(first, second)
                try sample.write(swapped)
                #expect(!sample.report.isWhole)
            }
        }
    }

    @Test func findsEveryLineThatIsThereTwice() throws {
        try sample.fill(3)
        let lines = try sample.lines
        for first in lines.indices {
            for place in 0...lines.count {
                var more = lines
                more.insert(lines[first], at: place)
                try sample.write(more)
                #expect(!sample.report.isWhole, "\(first) at \(place)")
            }
        }
    }

    @Test func findsEveryTailThatWasCut() throws {
        try sample.fill(2)
        let whole = Data(try sample.lines.joined())
        for length in 0..<whole.count {
            try sample.write([whole.prefix(length)])
            #expect(!sample.report.isWhole, "\(length) bytes")
        }
    }

    /// Who knows how hashes are made can make the hash of an altered line, but not those of all that follow.
    @Test func findsALineThatWasReplacedByAnotherWithARightHash() throws {
        try sample.fill(3)
        let other = SampleLog()
        let log = try other.open()
        for _ in 0..<6 { try log.append(.refusal(SampleLog.request(), status: 403)) }
        let (lines, forged) = (try sample.lines, try other.lines)
        for line in lines.indices {
            var replaced = lines
            replaced[line] = forged[line]
            try sample.write(replaced)
            #expect(!sample.report.isWhole, "line \(line)")
        }
        try sample.write(forged)
        #expect(sample.reasons == ["-: line 6 of the chain was replaced by another"])
    }

    @Test func findsAnotherChainByAPositionThatWasNoted() throws {
        try sample.fill(3)
        let noted = sample.report.last
        let other = SampleLog()
        let log = try other.open()
        for _ in 0..<8 { try log.append(.refusal(SampleLog.request(), status: 403)) }
        #expect(other.report.isWhole)
        let report = AuditVerification.report(onFolder: other.folder, noted: noted)
        #expect(report.findings.map(\.reason) == ["line 6 of the chain is not the one that was noted"])
        try sample.fill(1)
        #expect(AuditVerification.report(onFolder: sample.folder, noted: noted).isWhole)
        let later = sample.report.last
        try FileManager.default.removeItem(atPath: sample.folder)
        try sample.fill(1)
        #expect(!AuditVerification.report(onFolder: sample.folder, noted: later).isWhole)
    }

    @Test func findsFilesThatWereRemovedOrChangedPlaces() throws {
        try sample.fill(10, limitBytes: 1500)
        let files = try sample.files
        #expect(files.count > 3)
        let manager = FileManager.default
        for file in files {
            try manager.moveItem(atPath: file, toPath: file + ".away")
            #expect(!sample.report.isWhole)
            try manager.moveItem(atPath: file + ".away", toPath: file)
        }
        #expect(sample.report.isWhole)
        try manager.moveItem(atPath: files[0], toPath: files[0] + ".away")
        try manager.moveItem(atPath: files[1], toPath: files[0])
        try manager.moveItem(atPath: files[0] + ".away", toPath: files[1])
        #expect(!sample.report.isWhole)
    }

    @Test func goesOnBehindFilesThatWerePutElsewhere() throws {
        try sample.fill(10, limitBytes: 1500)
        let files = try sample.files
        let archived = Array(files.prefix(2))
        let position = AuditVerification.report(onFiles: archived.reversed()).last
        for file in archived { try FileManager.default.removeItem(atPath: file) }
        #expect(sample.reasons == ["1: lines 1 to \(position.sequence) of the chain are missing before it"])
        #expect(AuditVerification.report(onFolder: sample.folder, after: position).isWhole)
        let other = try #require(AuditPosition("\(position.sequence):" + String(repeating: "0", count: 64)))
        #expect(!AuditVerification.report(onFolder: sample.folder, after: other).isWhole)
    }

    @Test func countsChangesWithoutAnOutcome() throws {
        try sample.fill(2)
        let log = try sample.open()
        try log.append(.change(SampleLog.request()))
        #expect(sample.report.isWhole)
        #expect(sample.report.openChanges == 1)
    }

    @Test func aMissingHeadShows() throws {
        try sample.fill(1)
        try FileManager.default.removeItem(atPath: sample.folder + "/head")
        #expect(sample.reasons == ["-: it is missing or damaged: lines may be missing at the end"])
    }

    @Test(arguments: ["", "x", "\n", "{}\n", "{\"seq\":1}\n", "a\n"], [1, 100_000])
    func readsWhatIsNoLogAtAll(text: String, count: Int) throws {
        try sample.fill(1)
        try sample.write([Data(repeatElement(text.dropLast(), count: count).joined().utf8), Data(text.suffix(1).utf8)])
        #expect(!sample.report.isWhole)
        _ = try sample.open()
        #expect(!sample.report.isWhole)
    }

    @Test func keepsNoMoreFindingsThanAreRead() throws {
        try sample.fill(1)
        try sample.write(Array(repeating: Data("{}\n".utf8), count: 3000))
        #expect(sample.report.findings.count == AuditReport.maximumFindings)
        #expect(sample.report.findingCount == 3000)
    }

    @Test(arguments: ["", "7", "7:", ":", "-1:\(zeros)", "7:\(zeros)0", "7:\(zeros.dropLast())G", "7:\(zeros):"])
    func refusesWhatIsNoPosition(text: String) {
        #expect(AuditPosition(text) == nil)
    }

    @Test func readsPositionsAsTheyArePrinted() throws {
        try sample.fill(1)
        let last = sample.report.last
        #expect(AuditPosition(last.description) == last)
    }
}

private let zeros = String(repeating: "0", count: 64)
