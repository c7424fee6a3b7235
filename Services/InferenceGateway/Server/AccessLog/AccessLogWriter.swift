import Lifecycle
import Observability

/// Turns queued requests into log lines, off the event loops, and writes many of them at once.
struct AccessLogWriter: BackgroundTask {
    static let interval: Duration = .milliseconds(250)

    let name = "access log"
    private let log: AccessLog
    private let logger: Logger
    private let write: @Sendable (String) -> Void
    private let loop = StoppableTask()

    init(_ log: AccessLog, logger: Logger, write: @escaping @Sendable (String) -> Void) {
        self.log = log
        self.logger = logger
        self.write = write
    }

    func run() async throws {
        await loop.run {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                flush()
            }
        }
        flush()
    }

    func shutDown() async { loop.stop() }

    func flush() {
        let (entries, dropped) = log.take()
        if dropped > 0 { logger.warning("access log lines dropped", ["count": "\(dropped)"]) }
        guard !entries.isEmpty else { return }
        var bytes: [UInt8] = []
        for entry in entries { bytes.append(contentsOf: AccessLogLine(entry).bytes) }
        write(String(decoding: bytes, as: UTF8.self))
    }
}
