import Domain
import Subprocess

/// Writes the lines of one chain. Only one process does so at a time.
struct AuditWriter: ~Copyable {
    private let folder: AuditFolder
    private let limitBytes: Int
    private let lock: FileLock
    private let head: OverwrittenFile
    private var file: AppendOnlyFile
    /// Of the whole lines in the file.
    private var sizeBytes: Int
    private var position: AuditPosition
    /// Whether there may be a part of a line behind those.
    private var isTorn = false

    /// Goes on where `resumption` says; its torn bytes are cut off.
    static func resume(
        _ folder: AuditFolder, _ lock: consuming FileLock, _ resumption: AuditResumption, limitBytes: Int
    ) throws(AuditFailure) -> AuditWriter {
        // The head is there before the first line, so that a missing one was not lost in a crash.
        guard let head = OverwrittenFile(folder.headPath) else {
            throw AuditFailure("\(folder.headPath) cannot be written")
        }
        try told { () throws(FileWriter.WriteFailure) in try head.write(AuditFolder.head(resumption.position)) }
        guard let file = AppendOnlyFile(resumption.path) else {
            throw AuditFailure("\(resumption.path) cannot be written")
        }
        var writer = AuditWriter(folder, lock, head, file, resumption, limitBytes: limitBytes)
        try writer.mend()
        return writer
    }

    private init(
        _ folder: AuditFolder, _ lock: consuming FileLock, _ head: consuming OverwrittenFile,
        _ file: consuming AppendOnlyFile, _ resumption: AuditResumption, limitBytes: Int
    ) {
        self.folder = folder
        self.limitBytes = limitBytes
        self.lock = lock
        self.head = head
        self.file = file
        sizeBytes = resumption.sizeBytes
        position = resumption.position
        isTorn = resumption.tornBytes > 0
    }

    /// Returns when the line is in the file.
    /// - Returns: its number.
    /// - Throws: if it is not, or the head could not be written: then nothing may be done that relies on it.
    mutating func append(_ event: AuditEvent, at time: Timestamp) throws(AuditFailure) -> Int64 {
        try mend()
        let (bytes, position) = AuditLine.write(event, at: time, after: position)
        if sizeBytes > 0, sizeBytes + bytes.count > limitBytes { try beginFile(from: position.sequence) }
        do throws(FileWriter.WriteFailure) {
            isTorn = true
            try file.append(bytes)
            isTorn = false
        } catch {
            // At once, so that nobody finds a part of a line; and if not now, then before the next one.
            try? mend()
            throw AuditFailure("a line cannot be written: \(error.reason)")
        }
        sizeBytes += bytes.count
        self.position = position
        try Self.told { () throws(FileWriter.WriteFailure) in try head.write(AuditFolder.head(position)) }
        return position.sequence
    }

    private mutating func beginFile(from sequence: Int64) throws(AuditFailure) {
        let path = folder.filePath(from: sequence)
        guard let next = AppendOnlyFile(path) else { throw AuditFailure("\(path) cannot be made") }
        file = next
        sizeBytes = 0
    }

    private mutating func mend() throws(AuditFailure) {
        guard isTorn else { return }
        let size = sizeBytes
        try Self.told { () throws(FileWriter.WriteFailure) in try file.cut(to: size) }
        isTorn = false
    }

    private static func told(_ write: () throws(FileWriter.WriteFailure) -> Void) throws(AuditFailure) {
        do throws(FileWriter.WriteFailure) {
            try write()
        } catch {
            throw AuditFailure("the log cannot be written: \(error.reason)")
        }
    }
}
