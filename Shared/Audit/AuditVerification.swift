import Subprocess

/// Reads a chain from its beginning and finds every line that was altered, removed, added or moved.
///
/// Each line tells the hash of the one before, and the head how far the chain goes. Who can write all of them can also
/// write another chain: that is found only by a position that was noted elsewhere.
public struct AuditVerification: Sendable {
    /// Changes whose outcomes are looked for at most; beyond, they are not counted.
    private static let maximumOpenChanges = 100_000

    private let head: AuditPosition?
    private let noted: AuditPosition?
    private var report = AuditReport()
    /// Of the last line that was read.
    private var sequence: Int64
    /// Nil behind a damaged line: what its hash was cannot be known.
    private var hash: String?
    private var openChanges: Set<Int64> = []
    private var hashAtHead: String?
    private var hashAtNoted: String?

    /// The chain in a folder.
    /// - Parameters:
    ///   - start: the position of the last line that was put elsewhere, if the first ones were.
    ///   - noted: a position that the chain had once.
    public static func report(
        onFolder folder: String, after start: AuditPosition = .start, noted: AuditPosition? = nil
    ) -> AuditReport {
        let place = AuditFolder(folder)
        // The head first: a process that goes on writing only makes the chain longer than it says.
        let head = place.head()
        var verification = AuditVerification(head: head, after: start, noted: noted)
        verification.read(place.files())
        verification.checkHead(place.headPath)
        return verification.finish(folder)
    }

    /// A piece of a chain, of which nobody knows how far it went. Files are named by the numbers of their first lines.
    public static func report(
        onFiles files: [String], after start: AuditPosition = .start, noted: AuditPosition? = nil
    ) -> AuditReport {
        var verification = AuditVerification(head: nil, after: start, noted: noted)
        verification.read(files.sorted { $0.lastComponent < $1.lastComponent })
        return verification.finish(files.last ?? "")
    }

    private init(head: AuditPosition?, after start: AuditPosition, noted: AuditPosition?) {
        self.head = head
        self.noted = noted
        sequence = start.sequence
        hash = start.hash
    }

    private mutating func read(_ files: [String]) {
        for file in files {
            report.files += 1
            guard var reader = LineReader(file) else {
                report.add(.init(file: file, reason: "it cannot be opened"))
                continue
            }
            var number = 0
            do throws(FileReader.ReadFailure) {
                while let line = try reader.next() {
                    number += 1
                    for reason in problems(of: line) { report.add(.init(file: file, line: number, reason: reason)) }
                }
            } catch {
                report.add(.init(file: file, line: number + 1, reason: "it cannot be read: \(error.reason)"))
            }
        }
    }

    private mutating func problems(of line: LineReader.Line) -> [String] {
        switch line {
        case .unfinished(let count):
            return ["it has no end: \(count) bytes of a line that was cut, or over which a process died"]
        case .tooLong: return skip("it is too long")
        case .whole(let bytes):
            report.lines += 1
            switch AuditLine.read(bytes) {
            case .damaged(let reason, _, _): return skip(reason)
            case .whole(let line): return problems(of: line)
            }
        }
    }

    /// Counts a line that cannot be relied on, so that the next one is not taken for moved.
    private mutating func skip(_ reason: String) -> [String] {
        sequence += 1
        hash = nil
        return ["it was altered: \(reason)"]
    }

    private mutating func problems(of line: AuditLine) -> [String] {
        let found = line.position.sequence
        guard found > sequence else {
            return ["it is line \(found) of the chain, and does not belong behind line \(sequence)"]
        }
        var problems: [String] = []
        if found == sequence + 2 {
            problems.append("line \(sequence + 1) of the chain is missing before it")
        } else if found > sequence + 2 {
            problems.append("lines \(sequence + 1) to \(found - 1) of the chain are missing before it")
        } else if let hash, hash != line.previous {
            problems.append("it does not follow the line before it: that was replaced, or this one was")
        }
        if line.event == AuditEvent.gap("").name {
            problems.append("the process that wrote it found lines missing or damaged before it")
        }
        (sequence, hash) = (found, line.position.hash)
        note(line)
        return problems
    }

    private mutating func note(_ line: AuditLine) {
        if line.position.sequence == head?.sequence { hashAtHead = line.position.hash }
        if line.position.sequence == noted?.sequence { hashAtNoted = line.position.hash }
        if line.isChange, openChanges.count < Self.maximumOpenChanges { openChanges.insert(line.position.sequence) }
        if let change = line.outcomeOf { openChanges.remove(change) }
        if line.event == AuditEvent.mended(bytes: 0).name { report.mended += 1 }
    }

    private mutating func checkHead(_ path: String) {
        guard let head else {
            report.add(.init(file: path, reason: "it is missing or damaged: lines may be missing at the end"))
            return
        }
        if head.sequence > sequence {
            let missing =
                sequence + 1 == head.sequence ? "line \(sequence + 1)" : "lines \(sequence + 1) to \(head.sequence)"
            report.add(.init(file: path, reason: "\(missing) of the chain cannot be found at its end"))
        } else if let hashAtHead, hashAtHead != head.hash {
            report.add(.init(file: path, reason: "line \(head.sequence) of the chain was replaced by another"))
        }
    }

    private mutating func finish(_ place: String) -> AuditReport {
        if let noted, noted.sequence > sequence {
            report.add(
                .init(file: place, reason: "the chain had line \(noted.sequence), and ends with line \(sequence)"))
        } else if let noted, let hashAtNoted, hashAtNoted != noted.hash {
            report.add(.init(file: place, reason: "line \(noted.sequence) of the chain is not the one that was noted"))
        }
        report.openChanges = openChanges.count
        report.last = AuditPosition(sequence: sequence, hash: hash ?? AuditPosition.start.hash)
        return report
    }
}

extension String {
    fileprivate var lastComponent: Substring { split(separator: "/").last ?? "" }
}
