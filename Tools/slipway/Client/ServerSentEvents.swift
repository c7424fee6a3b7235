/// Takes the `data` of server-sent events out of a stream, however the stream is cut.
struct ServerSentEvents {
    /// Bytes of one event; what is longer is refused.
    static let maximumEventSize = 1 << 20

    struct TooLarge: Error {}

    private var line: [UInt8] = []
    private var data: [String] = []

    init() {}

    /// The data of every event that `bytes` completes, in order.
    mutating func feed(_ bytes: [UInt8]) throws(TooLarge) -> [String] {
        var events: [String] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count <= Self.maximumEventSize else { throw TooLarge() }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if line.isEmpty {
                if !data.isEmpty { events.append(data.joined(separator: "\n")) }
                data = []
            } else {
                take(String(decoding: line, as: UTF8.self))
            }
            line = []
        }
        return events
    }

    private mutating func take(_ field: String) {
        guard field.hasPrefix("data:") else { return }
        let value = field.dropFirst("data:".count)
        data.append(String(value.hasPrefix(" ") ? value.dropFirst() : value))
    }
}
