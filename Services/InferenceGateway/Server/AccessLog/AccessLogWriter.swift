import Lifecycle
import Observability

/// Writes what the event loops have put into the access log, many lines at once and off the loops.
struct AccessLogWriter: BackgroundTask {
    static let interval: Duration = .milliseconds(250)
    /// While there is much to write, so that all of it fits.
    static let busyInterval: Duration = .milliseconds(20)
    static let busyFrom = AccessLog.maximumQueued / 32
    /// Bytes that are written at once.
    static let batchBytes = 64 * 1024

    let name = "access log"
    private let log: AccessLog
    private let logger: Logger
    private let write: @Sendable ([UInt8]) -> Void
    private let loop = StoppableTask()

    init(_ log: AccessLog, logger: Logger, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.log = log
        self.logger = logger
        self.write = write
    }

    func run() async throws {
        await loop.run {
            var isBusy = false
            while !Task.isCancelled {
                try? await Task.sleep(for: isBusy ? Self.busyInterval : Self.interval)
                isBusy = flush() >= Self.busyFrom
            }
        }
        flush()
    }

    func shutDown() async { loop.stop() }

    /// - Returns: how many lines were written.
    @discardableResult
    func flush() -> Int {
        let batch = log.take()
        if batch.dropped > 0 { logger.warning("access log lines dropped", ["count": "\(batch.dropped)"]) }
        for piece in batch.pieces { write(piece) }
        return batch.lines
    }
}
