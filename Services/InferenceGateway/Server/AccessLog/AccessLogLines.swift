import Domain
import Observability

/// The JSON lines of requests, until they are written.
struct AccessLogLines {
    private let line = AccessLogLine()
    private var buffer: TextBuffer
    private var second = Int64.min
    /// How every line of this second begins.
    private var beginning = TextLiteral("")

    /// - Parameter bytes: that are about to be written at once.
    init(bytes: Int) { buffer = TextBuffer(capacity: bytes + AccessLogLine.maximumBytes) }

    var isEmpty: Bool { buffer.count == 0 }

    /// Whether there is room for one more line.
    var isFull: Bool { buffer.room < AccessLogLine.maximumBytes }

    /// Hands over the lines, and is empty then.
    mutating func take() -> [UInt8] { buffer.take() }

    /// Not while it is full.
    mutating func append(_ entry: AccessLog.Entry) {
        let milliseconds = entry.time.millisecondsSinceEpoch
        let since = milliseconds &- second
        if since < 0 || since >= 1000 {
            beginning = TextLiteral("{\"time\":\"\(String("\(entry.time)".dropLast("000Z".count)))")
            second = milliseconds - ((milliseconds % 1000) + 1000) % 1000
        }
        let (line, beginning, millisecond) = (line, beginning, Int(milliseconds - second))
        buffer.write { out, end in
            out.write(beginning, at: &end)
            out.write(threeDigits: millisecond, at: &end)
            line.write(entry, to: &out, at: &end)
        }
    }
}
