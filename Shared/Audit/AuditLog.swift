import Domain
import Subprocess
import Synchronization

/// Tells for good who changed what and who was refused: lines of JSON that are only ever added, each with the hash of
/// the one before, so that `AuditVerification` finds whatever was done to them since.
///
/// A line is with the operating system when `append` returns, and so survives the end of this process; what the machine
/// itself loses in a power failure is missed by the head. Writing one takes microseconds, which is why it is done on
/// the event loop of whoever asks.
public final class AuditLog: Sendable {
    /// What was found wrong with the chain at the start, and is told in its next lines.
    public let news: [AuditEvent]
    public let folder: String

    private let writer: Mutex<AuditWriter>
    private let now: @Sendable () -> Timestamp

    /// Goes on with the chain in `folder`. Where another process is at it, this one has a chain of its own in
    /// `folder-2`, and so on.
    /// - Throws: if it cannot be written.
    public init(
        in folder: String, limitBytes: Int = AuditLimits.fileBytes, now: @escaping @Sendable () -> Timestamp
    ) throws(AuditFailure) {
        for number in 1...AuditLimits.writers {
            let place = AuditFolder(number == 1 ? folder : "\(folder)-\(number)")
            try place.make()
            guard let lock = FileLock(place.lockPath) else { continue }
            let resumption = try AuditResumption(of: place)
            var writer = try AuditWriter.resume(place, lock, resumption, limitBytes: limitBytes)
            var news: [AuditEvent] = []
            if let gap = resumption.gap { news.append(.gap(gap)) }
            if resumption.tornBytes > 0 { news.append(.mended(bytes: resumption.tornBytes)) }
            for event in news { _ = try writer.append(event, at: now()) }
            self.news = news
            self.folder = place.path
            self.now = now
            self.writer = Mutex(writer)
            return
        }
        throw AuditFailure("\(folder) cannot be locked, or \(AuditLimits.writers) processes are at it already")
    }

    /// Returns when the line is in the log.
    /// - Returns: its number in the chain.
    /// - Throws: if it is not: then what it tells of must not be done.
    @discardableResult
    public func append(_ event: AuditEvent) throws(AuditFailure) -> Int64 {
        let time = now()
        return try writer.withLock { writer throws(AuditFailure) in try writer.append(event, at: time) }
    }
}
