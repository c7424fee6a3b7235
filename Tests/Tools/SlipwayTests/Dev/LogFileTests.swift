import Foundation
import Testing

@testable import slipway

@Suite struct LogFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func append(_ text: String) throws {
        let path = "\(folder.path)/a.log"
        if !FileManager.default.fileExists(atPath: path) { try folder.write("", to: "a.log") }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test func readsEachWholeLineOnce() throws {
        try append("old\n")
        var log = LogFile(path: "\(folder.path)/a.log")
        #expect(log.newLines() == [])
        try append("one\ntw")
        #expect(log.newLines() == ["one"])
        try append("o\n\nthree\n")
        #expect(log.newLines() == ["two", "", "three"])
        #expect(log.newLines() == [])
    }

    @Test func waitsForAFileThatIsNotThereYet() throws {
        var log = LogFile(path: "\(folder.path)/a.log")
        #expect(log.newLines() == [])
        try append("first\n")
        #expect(log.newLines() == ["first"])
    }

    @Test func cutsALineThatIsTooLong() throws {
        var log = LogFile(path: "\(folder.path)/a.log", fromStart: true)
        try append(String(repeating: "x", count: LogFile.maximumLineLength + 5) + "\nnext\n")
        #expect(log.newLines().map(\.count) == [LogFile.maximumLineLength, 4])
    }

    @Test func movesAFullLogAsideAndReadsOn() throws {
        var log = LogFile(path: "\(folder.path)/a.log", fromStart: true)
        try append(String(repeating: "x", count: LogFile.maximumSize) + "\n")
        _ = log.newLines()
        log.rotateIfFull()
        #expect(LocalFile.size("\(folder.path)/a.log") == 0)
        #expect(LocalFile.size("\(folder.path)/a.log.1") == LogFile.maximumSize + 1)
        try append("after\n")
        #expect(log.newLines() == ["after"])
        log.rotateIfFull()
        #expect(folder.read("a.log") == "after\n")
    }
}

@Suite struct LogPresenterTests {
    private func line(_ level: String, _ message: String) -> String {
        #"{"time":"2026-11-21T08:05:11.042Z","level":"\#(level)","message":"\#(message)","port":"8080"}"#
    }

    @Test func showsWarningsAndTheLifeCycle() {
        let presenter = LogPresenter(showsAll: false, nameWidth: 8)
        let lines = presenter.present(
            [line("info", "listening"), line("info", "request"), line("warning", "slow"), "Fatal error: x", ""],
            of: "gateway")
        #expect(
            lines == [
                "gateway  │ 08:05:11 listening port=8080", "gateway  │ 08:05:11 warning: slow port=8080",
                "gateway  │ Fatal error: x",
            ])
    }

    @Test func showsAllWhenAsked() {
        let presenter = LogPresenter(showsAll: true, nameWidth: 0)
        #expect(presenter.present([line("debug", "request")], of: "a").count == 1)
    }

    @Test func cutsAFlood() {
        let presenter = LogPresenter(showsAll: false, nameWidth: 0)
        let lines = presenter.present(Array(repeating: line("error", "no"), count: 100), of: "a")
        #expect(lines.count == LogPresenter.maximumLines + 1)
        #expect(lines.last == "a │ … and 80 more lines")
    }

    @Test func waitsLongerAfterEachBadStartAndNotAfterAGoodRun() {
        var backoff = Backoff()
        let delays = (0..<8).map { _ in backoff.delay(after: .milliseconds(10)) }
        #expect(delays == [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map { .milliseconds($0) })
        #expect(backoff.delay(after: .seconds(31)) == .milliseconds(500))
    }
}
