import Domain
import Lifecycle
import Observability
import Synchronization
import TestSupport
import Testing

struct BackgroundTaskGroupTests {
    /// Runs until it is asked to stop, and notes what happened.
    private final class Recorder: BackgroundTask {
        let name: String
        let journal: Journal
        private let stop: AsyncStream<Void>
        private let stopper: AsyncStream<Void>.Continuation
        private let failure: (any Error)?

        init(_ name: String, _ journal: Journal, failure: (any Error)? = nil) {
            self.name = name
            self.journal = journal
            self.failure = failure
            (stop, stopper) = AsyncStream.makeStream()
        }

        func run() async throws {
            journal.note("\(name) runs")
            if let failure { throw failure }
            for await _ in stop {}
            journal.note("\(name) ends")
        }

        func shutDown() async { stopper.finish() }
    }

    private final class Journal: Sendable {
        private let entries = Mutex<[String]>([])
        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    private struct Broken: Error {}

    private let logger = Logger(sink: RecordingLogSink(), now: { Timestamp(millisecondsSinceEpoch: 0) })

    @Test(.timeLimit(.minutes(1))) func aSignalEndsTheTasksInReverseOrder() async {
        let journal = Journal()
        let signals = TerminationSignals()
        let group = BackgroundTaskGroup([Recorder("a", journal), Recorder("b", journal)], logger: logger)
        signals.trigger("SIGTERM")
        #expect(await group.run(until: signals) == 0)
        #expect(journal.all.filter { $0.hasSuffix("ends") } == ["b ends", "a ends"])
    }

    @Test(.timeLimit(.minutes(1))) func aTaskThatFailsEndsTheProcessWithOne() async {
        let journal = Journal()
        let group = BackgroundTaskGroup(
            [Recorder("a", journal), Recorder("b", journal, failure: Broken())], logger: logger)
        #expect(await group.run(until: TerminationSignals()) == 1)
        #expect(journal.all.contains("a ends"))
    }

    @Test(.timeLimit(.minutes(1))) func aTaskThatHangsIsLeftBehindAfterItsDeadline() async {
        struct Hanging: BackgroundTask {
            let name = "hanging"
            func run() async throws { try await Task.sleep(for: .seconds(3600)) }
            func shutDown() async {}
        }
        let signals = TerminationSignals()
        let group = BackgroundTaskGroup([Hanging()], shutDownDeadline: .milliseconds(20), logger: logger)
        signals.trigger("SIGINT")
        #expect(await group.run(until: signals) == 0)
    }
}
