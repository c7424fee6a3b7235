/// Decodes the chunked transfer coding (RFC 9112 §7.1), strictly: CRLF only, plain hexadecimal sizes, every extension
/// and trailer checked for control characters and bounded.
public struct ChunkedDecoder: Sendable {
    private enum State {
        case size(digits: Int)
        case sizeExtension(length: Int)
        case sizeLineFeed
        case content
        case contentCarriageReturn
        case contentLineFeed
        case trailers
        case end
    }

    /// The largest size is far below 2^60.
    private static let sizeDigits = 15
    /// Framing that is let pass with each chunk without counting as overhead.
    private static let ordinaryChunkOverheadBytes = 16

    private let limits: HTTPBodyLimits
    private var state = State.size(digits: 0)
    /// The size being read, then what is left of the chunk.
    private var remaining = 0
    private var contentBytes = 0
    private var overheadBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0
    private var trailer: TrailerLine = .start

    private enum TrailerLine {
        case start, name, value, lineFeed, lastLineFeed
    }

    public init(limits: HTTPBodyLimits = HTTPBodyLimits()) { self.limits = limits }

    public var isComplete: Bool {
        if case .end = state { true } else { false }
    }

    /// Consumes from `bytes[range]` and appends content to `output`, until the range is used up, the body is complete,
    /// or `output` holds `capacity` bytes.
    /// - Returns: how many bytes of the range were consumed; nothing behind the end of the body is.
    public mutating func decode(
        _ bytes: [UInt8], _ range: Range<Int>, into output: inout [UInt8], capacity: Int = .max
    ) throws(HTTPParseError) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            switch state {
            case .content:
                let count = min(remaining, range.upperBound - index, capacity - output.count)
                guard count > 0 else { return index - range.lowerBound }
                output.append(contentsOf: bytes[index..<index + count])
                index += count
                remaining -= count
                if remaining == 0 { state = .contentCarriageReturn }
            case .trailers:
                try readTrailer(bytes[index])
                index += 1
            case .end:
                return index - range.lowerBound
            default:
                try readFraming(bytes[index])
                index += 1
            }
        }
        return index - range.lowerBound
    }

    private mutating func readFraming(_ byte: UInt8) throws(HTTPParseError) {
        overheadBytes += 1
        switch state {
        case .size(let digits):
            if let value = HTTPCharacters.hexValue(byte) {
                guard digits < Self.sizeDigits else { throw .malformed("malformed chunk size") }
                remaining = remaining << 4 | value
                state = .size(digits: digits + 1)
            } else if digits > 0, byte == UInt8(ascii: ";") {
                state = .sizeExtension(length: 0)
            } else if digits > 0, byte == HTTPCharacters.carriageReturn {
                state = .sizeLineFeed
            } else {
                throw .malformed("malformed chunk size")
            }
        case .sizeExtension(let length):
            if byte == HTTPCharacters.carriageReturn {
                state = .sizeLineFeed
            } else {
                guard HTTPCharacters.isFieldValue(byte) else { throw .malformed("malformed chunk extension") }
                guard length < limits.chunkExtensionBytes else { throw .malformed("too long a chunk extension") }
                state = .sizeExtension(length: length + 1)
            }
        case .sizeLineFeed:
            try expectLineFeed(byte)
            try startChunk()
        case .contentCarriageReturn:
            guard byte == HTTPCharacters.carriageReturn else { throw .malformed("malformed chunk end") }
            state = .contentLineFeed
        case .contentLineFeed:
            try expectLineFeed(byte)
            state = .size(digits: 0)
        case .content, .trailers, .end:
            break
        }
    }

    private mutating func startChunk() throws(HTTPParseError) {
        guard remaining > 0 else {
            state = .trailers
            return
        }
        guard remaining <= limits.contentBytes - contentBytes else {
            throw HTTPParseError(.contentTooLarge, "the body is larger than \(limits.contentBytes) bytes")
        }
        contentBytes += remaining
        overheadBytes = max(0, overheadBytes - Self.ordinaryChunkOverheadBytes - remaining)
        guard overheadBytes <= limits.chunkOverheadBytes else { throw .malformed("too much framing for its content") }
        state = .content
    }

    private func expectLineFeed(_ byte: UInt8) throws(HTTPParseError) {
        guard byte == HTTPCharacters.lineFeed else { throw .malformed("malformed line end") }
    }

    private mutating func readTrailer(_ byte: UInt8) throws(HTTPParseError) {
        trailerBytes += 1
        guard trailerBytes <= limits.trailerBytes else { throw HTTPParseError(431, "the trailers are too large") }
        switch trailer {
        case .start:
            if byte == HTTPCharacters.carriageReturn {
                trailer = .lastLineFeed
            } else {
                guard HTTPCharacters.isToken(byte) else { throw .malformed("malformed trailer") }
                trailerCount += 1
                guard trailerCount <= limits.trailerCount else { throw HTTPParseError(431, "too many trailers") }
                trailer = .name
            }
        case .name:
            if byte == HTTPCharacters.colon {
                trailer = .value
            } else if !HTTPCharacters.isToken(byte) {
                throw .malformed("malformed trailer")
            }
        case .value:
            if byte == HTTPCharacters.carriageReturn {
                trailer = .lineFeed
            } else if !HTTPCharacters.isFieldValue(byte) {
                throw .malformed("malformed trailer")
            }
        case .lineFeed:
            try expectLineFeed(byte)
            trailer = .start
        case .lastLineFeed:
            try expectLineFeed(byte)
            state = .end
        }
    }
}
