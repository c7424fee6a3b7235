import Subprocess

/// The lines of a file of any size, one by one.
struct LineReader: ~Copyable {
    private static let pieceBytes = 1 << 18

    enum Line {
        /// Without its line feed.
        case whole(ArraySlice<UInt8>)
        /// What stands behind the last line feed.
        case unfinished(Int)
        case tooLong
    }

    private let file: FileReader
    private var bytes: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// Nil if the file cannot be opened.
    init?(_ path: String) {
        guard let file = FileReader(path) else { return nil }
        self.file = file
    }

    /// Nil at the end.
    mutating func next() throws(FileReader.ReadFailure) -> Line? {
        while true {
            if let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return end - start > AuditLimits.lineBytes ? .tooLong : .whole(bytes[start..<end])
            }
            if isAtEnd {
                let rest = bytes.count - start
                start = bytes.count
                return rest > 0 ? .unfinished(rest) : nil
            }
            // Of a line without an end no more is kept than shows that it is too long.
            let kept = bytes[start...].prefix(AuditLimits.lineBytes + 1)
            bytes = Array(kept)
            start = 0
            let piece = try file.next(limitBytes: Self.pieceBytes)
            isAtEnd = piece.isEmpty
            bytes += piece
        }
    }
}
