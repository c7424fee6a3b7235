import Subprocess

/// How a file ends.
struct AuditTail: Hashable {
    /// Bytes up to the end of the last whole line.
    let wholeBytes: Int
    /// Bytes behind that: what a process wrote of a line before it died.
    let tornBytes: Int
    /// Nil if the file has no whole line.
    let last: AuditLine.Reading?

    /// - Throws: if the file cannot be read.
    init(of path: String) throws(AuditFailure) {
        let size = FileStatus(path)?.sizeBytes ?? 0
        // A torn line in front of which is the longest of all.
        let start = max(0, size - 2 * AuditLimits.lineBytes)
        guard let reader = FileReader(path) else { throw AuditFailure("\(path) cannot be read") }
        reader.seek(to: start)
        var bytes: [UInt8] = []
        do throws(FileReader.ReadFailure) {
            while start + bytes.count < size {
                let piece = try reader.next(limitBytes: size - start - bytes.count)
                guard !piece.isEmpty else { break }
                bytes += piece
            }
        } catch {
            throw AuditFailure("\(path) cannot be read: \(error.reason)")
        }
        let lineFeed = UInt8(ascii: "\n")
        guard let end = bytes.lastIndex(of: lineFeed) else {
            wholeBytes = start
            tornBytes = bytes.count
            last = nil
            return
        }
        let beginning = bytes[..<end].lastIndex(of: lineFeed).map { $0 + 1 } ?? 0
        wholeBytes = start + end + 1
        tornBytes = bytes.count - end - 1
        last = AuditLine.read(bytes[beginning..<end])
    }
}
