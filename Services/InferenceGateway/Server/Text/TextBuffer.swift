/// Text that grows at its end, within a fixed number of bytes. Whoever writes sees to it that there is room.
struct TextBuffer {
    /// Behind the end, for the rest of the last words: text is written in words of which only the beginning may count.
    private static let slackBytes = TextLiteral.maximumBytes
    private static let zeros = [UInt8](repeating: 0, count: 1024)

    private var bytes: [UInt8]
    private(set) var count: Int

    init(capacity: Int) {
        bytes = Array(repeating: 0, count: capacity + Self.slackBytes)
        count = 0
    }

    /// Goes on behind what is there; `start` is empty until it gets it back from `finish()`.
    /// - Parameter room: bytes that are going to be written at most.
    init(behind start: inout [UInt8], room: Int) {
        bytes = []
        swap(&bytes, &start)
        count = bytes.count
        let capacity = room + Self.slackBytes
        bytes.reserveCapacity(count + capacity)
        if capacity <= Self.zeros.count {
            bytes.append(contentsOf: Self.zeros[..<capacity])
        } else {
            bytes.append(contentsOf: repeatElement(0, count: capacity))
        }
    }

    var room: Int { bytes.count - Self.slackBytes - count }

    /// Writes on at the end. Whether the bytes have another owner is asked once for all that `body` writes.
    @inline(__always)
    mutating func write(_ body: (inout MutableRawSpan, inout Int) -> Void) {
        var end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        body(&out, &end)
        count = end
    }

    /// Hands over a copy of the text, and is empty then: its own bytes stay where they are, warm.
    mutating func take() -> [UInt8] {
        defer { count = 0 }
        return Array(bytes[..<count])
    }

    /// Hands over the text itself, and is of no more use then.
    mutating func finish() -> [UInt8] {
        bytes.removeLast(bytes.count - count)
        var text: [UInt8] = []
        swap(&text, &bytes)
        return text
    }
}
