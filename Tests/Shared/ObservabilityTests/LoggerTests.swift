import Domain
import Observability
import TestSupport
import Testing

struct LoggerTests {
    private let sink = RecordingLogSink()
    private var logger: Logger {
        Logger(sink: sink, level: .info, now: { Timestamp(millisecondsSinceEpoch: 1_795_248_311_042) })
    }

    @Test func linesCarryTheFieldsOfTheirLogger() throws {
        logger.with(["service": "a"]).warning("it failed", ["error": "two words\n"])
        let line = try #require(sink.lines.first)
        #expect(
            line.json
                == #"{"time":"2026-11-21T08:05:11.042Z","level":"warning","message":"it failed","#
                + #""service":"a","error":"two words\n"}"#
        )
        #expect(line.text == #"08:05:11.042 warning it failed service=a error="two words\n""#)
    }

    @Test func leavesOutWhatIsBelowItsLevel() {
        logger.debug("detail")
        #expect(sink.lines.isEmpty)
    }

    @Test func cutsLongValues() throws {
        logger.info("x", ["v": String(repeating: "a", count: 5000)])
        #expect(try #require(sink.lines.first).fields[0].value.count == Logger.maximumValueLength)
    }
}

struct TraceContextTests {
    @Test func readsAndWritesTraceparent() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(try #require(TraceContext(traceparent: text)).traceparent == text)
    }

    @Test(arguments: [
        "", "00-00000000000000000000000000000000-0000000000000000-00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ])
    func ignoresWhatIsNoContext(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }
}
