import Domain
import Foundation
import InferenceGatewayCore
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct UsageLogTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path + "/gateway/usage.log" }

    private func open(_ incarnation: String = "new") -> UsageLog? {
        UsageLog(dataDirectory: directory.path, incarnation: incarnation)
    }

    private static func counts(_ requests: Int64, of instance: UInt64 = 1) -> UsageLedger.Counts {
        var counts = UsageCounts()
        counts.requests = requests
        return [ModelServiceInstanceID(UUIDv7(high: 1, low: instance)): counts]
    }

    @Test func takesUpWhereItEnded() throws {
        var ledger: UsageLedger?
        do {
            let log = try #require(open("first"))
            try log.append(.counted(Self.counts(3)))
            try log.append(.batched(.init(sequence: 1, counts: Self.counts(3))))
            try log.append(.counted(Self.counts(2)))
            try log.sync()
            ledger = log.ledger
        }
        #expect(try #require(open("second")).ledger == ledger)
        #expect(ledger?.incarnation == "first" && ledger?.underway?.sequence == 1)
    }

    @Test func oneGatewayHoldsTheDirectory() throws {
        let first = try #require(open())
        #expect(open() == nil)
        withExtendedLifetime(first) {}
    }

    @Test(arguments: ["{\"waiting\":[{\"id\"", "\0\0\0\0", "{}\nnonsense"])
    func aTornEndCostsNothingElse(end: String) throws {
        try #require(open("first")).append(.counted(Self.counts(3)))
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes.append(contentsOf: end.utf8)
        try bytes.write(to: URL(filePath: path))
        let log = try #require(open("second"))
        #expect(log.ledger.incarnation == "first" && log.ledger.unreportedRequests == 3)
        try log.append(.counted(Self.counts(1)))
        #expect(log.ledger.unreportedRequests == 4)
    }

    @Test func aFileThatIsNoneBeginsAnotherIncarnation() throws {
        try FileManager.default.createDirectory(
            atPath: directory.path + "/gateway", withIntermediateDirectories: true)
        try "what is this".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try #require(open("another")).ledger == UsageLedger(incarnation: "another"))
    }

    @Test func doesNotGrowWithTime() throws {
        let log = try #require(open())
        for round in 0..<20_000 as Range<UInt64> {
            try log.append(.counted(Self.counts(1, of: round % 3)))
            #expect(log.sizeBytes <= UsageLog.maximumBytes + 1024)
        }
        #expect(log.ledger.unreportedRequests == 20_000)
        let size = try #require(FileManager.default.contents(atPath: path)).count
        #expect(size == log.sizeBytes && size < UsageLog.maximumBytes + 1024)
    }

    @Test func countsGoOnInMemoryWhereNothingCanBeWritten() throws {
        let log = try #require(UsageLog(dataDirectory: "/proc/nowhere", incarnation: "a"))
        #expect(log.isVolatile)
        #expect(throws: UsageLog.Failure.self) { try log.append(.counted(Self.counts(1))) }
        #expect(log.ledger.unreportedRequests == 1)
    }
}
