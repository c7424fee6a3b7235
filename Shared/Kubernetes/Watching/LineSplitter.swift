/// Cuts a stream of bytes into lines, wherever its pieces end.
struct LineSplitter {
    /// Bytes of one line. The API server keeps no object larger than a few MiB.
    static let maximumLineBytes = 8 << 20

    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no line end.
    private var searched = 0

    struct LineTooLong: Error {}

    mutating func append(_ bytes: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        buffer += bytes
    }

    /// The next whole line, without its end; nil until more has come.
    mutating func next() throws(LineTooLong) -> [UInt8]? {
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(buffer[start..<end])
            start = end + 1
            searched = start
            if !line.isEmpty { return line }
        }
        searched = buffer.count
        guard buffer.count - start <= Self.maximumLineBytes else { throw LineTooLong() }
        return nil
    }
}
