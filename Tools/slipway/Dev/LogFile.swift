import FoundationEssentials

/// The log of one process: the process appends to it, and this reads what is new.
///
/// The file stays within a bound: a full one is moved aside, over the one before it, and emptied in place, since the
/// process keeps it open.
struct LogFile: Sendable {
    /// Bytes at which a log is moved aside.
    static let maximumSize = 8 << 20
    /// Bytes of one line; the rest of a longer one is dropped from the terminal, not from the file.
    static let maximumLineLength = 16 << 10

    let path: String
    private var offset: Int
    private var unfinished: [UInt8] = []

    /// - Parameter fromStart: whether lines that are there already count as new.
    init(path: String, fromStart: Bool = false) {
        self.path = path
        offset = fromStart ? 0 : LocalFile.size(path) ?? 0
    }

    /// The whole lines that have come since the last time.
    mutating func newLines() -> [String] {
        guard let size = LocalFile.size(path), size != offset else { return [] }
        if size < offset { offset = 0 }
        // Mapped, so that only the new part is read.
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped), data.count > offset
        else { return [] }
        var lines: [String] = []
        for byte in data[offset...] {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: unfinished, as: UTF8.self))
                unfinished = []
            } else if unfinished.count < Self.maximumLineLength {
                unfinished.append(byte)
            }
        }
        offset = data.count
        return lines
    }

    /// Moves the log aside if it is full. What is written in the meantime may be lost: it is a log.
    mutating func rotateIfFull() {
        guard let size = LocalFile.size(path), size > Self.maximumSize else { return }
        let old = URL(fileURLWithPath: "\(path).1")
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return }
        try? data.write(to: old, options: .atomic)
        try? Data().write(to: URL(fileURLWithPath: path))
        offset = 0
    }
}
