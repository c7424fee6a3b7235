import Contracts
import Domain
import InferenceGatewayCore
import Lifecycle
import Observability

/// Brings what was counted to disk at once and to ModelServing soon.
///
/// A gateway that is killed loses the counts of the requests that ended in the last `collectInterval`; one whose
/// machine fails, of the last `syncInterval`.
actor UsageReporter: BackgroundTask {
    static let collectInterval: Duration = .milliseconds(200)
    static let syncInterval: Duration = .seconds(1)
    /// Between two batches, and after a failure; each further one doubles that.
    static let reportInterval: Duration = .seconds(1)
    static let maximumPause: Duration = .seconds(10)
    /// For the process before this one, which may be draining still, to let go of the directory.
    static let maximumLockWait: Duration = .seconds(30)

    nonisolated let name = "usage reporter"
    private let gatewayID: String
    private let dataDirectory: String
    private let incarnation: String
    private let inbox: UsageInbox
    private let sink: UsageSink
    private let status: UsageStatus
    private let logger: Logger
    private let loops = StoppableTask()
    private var log: UsageLog?
    private var lastSync = ContinuousClock.now
    private var hasDiskTrouble = false

    /// - Parameter incarnation: for a new write-ahead file, unlike that of any other.
    init(
        gatewayID: String, dataDirectory: String, incarnation: String, inbox: UsageInbox, sink: UsageSink,
        status: UsageStatus, logger: Logger
    ) {
        self.gatewayID = gatewayID
        self.dataDirectory = dataDirectory
        self.incarnation = incarnation
        self.inbox = inbox
        self.sink = sink
        self.status = status
        self.logger = logger
    }

    func run() async throws {
        try await open()
        await loops.run {
            await withTaskGroup { group in
                group.addTask { await self.collectRepeatedly() }
                group.addTask { await self.reportRepeatedly() }
            }
        }
        // What ended last, while the data listener drained.
        collect()
        _ = await report()
        note { log throws(UsageLog.Failure) in try log.sync() }
        log = nil
    }

    nonisolated func shutDown() async { loops.stop() }

    private func open() async throws {
        let end = ContinuousClock.now + Self.maximumLockWait
        while log == nil {
            log = UsageLog(dataDirectory: dataDirectory, incarnation: incarnation)
            if log != nil { break }
            guard ContinuousClock.now < end else {
                throw UsageLog.Failure(description: "another gateway uses \(dataDirectory)/gateway")
            }
            try await Task.sleep(for: Self.collectInterval)
        }
        if let waiting = log?.ledger.unreportedRequests, waiting > 0 {
            logger.info("usage restored", ["requests": "\(waiting)"])
        }
        update()
    }

    private func collectRepeatedly() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.collectInterval)
            collect()
        }
    }

    private func reportRepeatedly() async {
        var failures = 0
        while !Task.isCancelled {
            let pause = Self.reportInterval * (1 << min(failures, 4))
            try? await Task.sleep(for: min(pause, Self.maximumPause))
            if Task.isCancelled { return }
            failures = await report() ? 0 : failures + 1
        }
    }

    private func collect() {
        let counts = inbox.take()
        if !counts.isEmpty { note { log throws(UsageLog.Failure) in try log.append(.counted(counts)) } }
        if ContinuousClock.now - lastSync >= Self.syncInterval {
            note { log throws(UsageLog.Failure) in try log.sync() }
            lastSync = .now
        }
        update()
    }

    /// Sends what waits, batch after batch.
    /// - Returns: false if ModelServing does not take them.
    private func report() async -> Bool {
        while let log {
            if log.ledger.underway == nil {
                guard let batch = log.ledger.nextBatch(maximumInstances: UsageReport.maximumInstances) else { break }
                note { log throws(UsageLog.Failure) in try log.append(.batched(batch)) }
            }
            guard let batch = log.ledger.underway else { break }
            update()
            // Sent only once it is on disk as it is: otherwise a crash might send its counts in another.
            let isKept = note { log throws(UsageLog.Failure) in try log.sync() }
            guard isKept || log.isVolatile else { return false }
            let report = UsageReport(
                gatewayID: gatewayID, incarnation: log.ledger.incarnation, sequence: batch.sequence,
                instances: UsageLogLine.instances(batch.counts))
            guard settle(batch, await sink.send(report)) else { return false }
        }
        return true
    }

    private func settle(_ batch: UsageLedger.Batch, _ outcome: UsageSink.Outcome) -> Bool {
        switch outcome {
        case .failed(let reason):
            status.update { $0.attemptsFailed += 1 }
            if status.state.attemptsFailed % 60 == 1, !Task.isCancelled {
                logger.warning("usage not reported; it is kept", ["error": reason])
            }
            return false
        case .refused(let reason):
            logger.error("a usage report is refused; its counts are lost", ["error": reason])
        case .taken: status.update { $0.batchesSent += 1 }
        }
        note { log throws(UsageLog.Failure) in try log.append(.settled(sequence: batch.sequence)) }
        update()
        return true
    }

    /// Disk trouble is told once, and the requests go on.
    @discardableResult
    private func note(_ write: (UsageLog) throws(UsageLog.Failure) -> Void) -> Bool {
        guard let log else { return false }
        do throws(UsageLog.Failure) {
            try write(log)
            hasDiskTrouble = false
            return true
        } catch {
            if !hasDiskTrouble { logger.error("usage not kept on disk", ["error": "\(error)"]) }
            hasDiskTrouble = true
            return false
        }
    }

    private func update() {
        guard let log else { return }
        status.update { state in
            state.batchesUnderway = log.ledger.underway == nil ? 0 : 1
            state.unreportedRequests = log.ledger.unreportedRequests
            state.logBytes = log.sizeBytes
        }
    }
}
