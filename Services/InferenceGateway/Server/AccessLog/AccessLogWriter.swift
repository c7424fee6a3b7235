import Lifecycle
import Observability

/// Turns queued requests into log lines, off the event loops, and writes many of them at once.
struct AccessLogWriter: BackgroundTask {
    static let interval: Duration = .milliseconds(250)
    /// While there is much to write: what waits holds memory, all that is known of each request.
    static let busyInterval: Duration = .milliseconds(20)
    static let busyFrom = AccessLog.maximumQueued / 32
    /// Bytes that are written at once.
    static let batchBytes = 64 * 1024

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
        let (entries, dropped) = log.take()
        if dropped > 0 { logger.warning("access log lines dropped", ["count": "\(dropped)"]) }
        var bytes: [UInt8] = []
        for entry in entries {
            bytes.append(contentsOf: AccessLogLine(entry).bytes)
            guard bytes.count >= Self.batchBytes else { continue }
            write(String(decoding: bytes, as: UTF8.self))
            bytes.removeAll(keepingCapacity: true)
        }
        if !bytes.isEmpty { write(String(decoding: bytes, as: UTF8.self)) }
        return entries.count
    }
}
