import HTTP
import TestSupport

/// How received bytes are split on their way to a parser.
enum Feeding: CaseIterable {
    case whole
    case byteByByte
    case randomly

    /// The lengths that the parser has seen after each arrival; the last is `count`.
    func arrivals(_ count: Int, seed: UInt64) -> [Int] {
        switch self {
        case .whole: return [count]
        case .byteByByte: return Array(1...max(count, 1))
        case .randomly:
            var generator = SeededGenerator(seed: seed)
            var lengths: [Int] = []
            var length = 0
            while length < count {
                length = min(count, length + Int.random(in: 1...24, using: &generator))
                lengths.append(length)
            }
            return lengths
        }
    }
}

/// Behind everything that is fed, to show that a parser looks at nothing beyond its range.
private let beyond = Array("\r\n\r\nX: y\r\n\r\n0\r\n\r\n".utf8)

func parseRequest(
    _ wire: some Sequence<UInt8>, _ feeding: Feeding, limits: HTTPHeadLimits = HTTPHeadLimits(), seed: UInt64 = 1
) throws(HTTPParseError) -> (head: HTTPRequestHead, consumed: Int)? {
    let bytes = Array(wire)
    var parser = HTTPRequestParser(limits: limits)
    for arrived in feeding.arrivals(bytes.count, seed: seed) {
        if let parsed = try parser.parse([0] + bytes[..<arrived] + beyond, 1..<arrived + 1) { return parsed }
    }
    return nil
}

func parseResponse(
    _ wire: some Sequence<UInt8>, _ feeding: Feeding, answering method: HTTPMethod = .get,
    limits: HTTPHeadLimits = HTTPHeadLimits(), seed: UInt64 = 1
) throws(HTTPParseError) -> (head: HTTPResponseHead, consumed: Int)? {
    let bytes = Array(wire)
    var parser = HTTPResponseParser(limits: limits)
    for arrived in feeding.arrivals(bytes.count, seed: seed) {
        if let parsed = try parser.parse([0] + bytes[..<arrived] + beyond, 1..<arrived + 1, answering: method) {
            return parsed
        }
    }
    return nil
}

/// Decodes a body; nil if it is not complete.
func decode(
    _ wire: some Sequence<UInt8>, _ framing: HTTPFraming, _ feeding: Feeding, limits: HTTPBodyLimits = HTTPBodyLimits(),
    seed: UInt64 = 1
) throws(HTTPParseError) -> (content: [UInt8], consumed: Int)? {
    let bytes = Array(wire)
    var decoder = try HTTPBodyDecoder(framing, limits: limits)
    var content: [UInt8] = []
    var consumed = 0
    for arrived in feeding.arrivals(bytes.count, seed: seed) {
        consumed += try decoder.decode([0] + bytes[..<arrived] + beyond, consumed + 1..<arrived + 1, into: &content)
        if decoder.isComplete { return (content, consumed) }
    }
    return nil
}
