import Subprocess

/// Where a writer goes on, as the last one left things.
struct AuditResumption: Hashable {
    /// Behind which the next line comes.
    let position: AuditPosition
    /// The file that is written on; there may be none yet.
    let path: String
    /// Bytes of its whole lines.
    let sizeBytes: Int
    /// Bytes behind those, to be cut off.
    let tornBytes: Int
    /// What is wrong with the chain; nil if nothing is, as far as its end shows.
    let gap: String?

    init(of folder: AuditFolder) throws(AuditFailure) {
        let files = folder.files()
        let head = folder.head()
        var last: AuditLine.Reading?
        var end: AuditTail?
        for path in files.reversed() where last == nil {
            let tail = try AuditTail(of: path)
            end = end ?? tail
            last = tail.last
        }
        sizeBytes = end?.wholeBytes ?? 0
        tornBytes = end?.tornBytes ?? 0
        (position, gap) = Self.place(last, head, isEmpty: sizeBytes + tornBytes == 0)
        path = files.last ?? folder.filePath(from: position.sequence + 1)
    }

    /// The head is written behind each line, so that it may be behind the last one, and never before it.
    private static func place(
        _ last: AuditLine.Reading?, _ head: AuditPosition?, isEmpty: Bool
    ) -> (AuditPosition, gap: String?) {
        switch (last, head) {
        case (.whole(let line), nil):
            return (line.position, "the head of the log is missing: whether lines are cannot be known")
        case (.whole(let line), let head?) where line.position.sequence < head.sequence:
            return (head, "lines \(line.position.sequence + 1) to \(head.sequence) are missing at the end of the log")
        case (.whole(let line), let head?):
            let isOther = line.position.sequence == head.sequence && line.position.hash != head.hash
            return (line.position, isOther ? "line \(head.sequence) is not the one that was written" : nil)
        case (.damaged(let reason, let sequence, let hash), let head):
            let place = head ?? AuditPosition(sequence: sequence ?? 0, hash: hash ?? AuditPosition.start.hash)
            return (place, "the last line of the log was damaged: \(reason)")
        case (nil, nil):
            return (.start, isEmpty ? nil : "the head of the log is missing: whether lines are cannot be known")
        case (nil, let head?):
            return (head, head.sequence == 0 ? nil : "lines 1 to \(head.sequence) are missing")
        }
    }
}
