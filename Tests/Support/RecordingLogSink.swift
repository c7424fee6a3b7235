import Observability
import Synchronization

/// Keeps what was logged.
package final class RecordingLogSink: LogSink {
    private let recorded = Mutex<[LogLine]>([])

    package init() {}

    package var lines: [LogLine] { recorded.withLock { $0 } }

    package func write(_ line: LogLine) { recorded.withLock { $0.append(line) } }
}
