/// Takes the content of a body out of the bytes on the wire, whatever its framing.
public struct HTTPBodyDecoder: Sendable {
    private enum Kind {
        case length(remaining: Int)
        case chunked(ChunkedDecoder)
        case untilClose(remaining: Int)
    }

    private var kind: Kind
    private let limitBytes: Int

    /// - Throws: 413 if the framing announces more than `limits` allow.
    public init(_ framing: HTTPFraming, limits: HTTPBodyLimits) throws(HTTPParseError) {
        limitBytes = limits.contentBytes
        switch framing {
        case .none: kind = .length(remaining: 0)
        case .length(let length):
            guard length <= limits.contentBytes else { throw Self.tooLarge(limits.contentBytes) }
            kind = .length(remaining: length)
        case .chunked: kind = .chunked(ChunkedDecoder(limits: limits))
        case .untilClose: kind = .untilClose(remaining: limits.contentBytes)
        }
    }

    public var isComplete: Bool {
        switch kind {
        case .length(let remaining): remaining == 0
        case .chunked(let decoder): decoder.isComplete
        case .untilClose: false
        }
    }

    /// The peer has closed: whether that is the proper end.
    public var mayEndHere: Bool {
        if case .untilClose = kind { true } else { isComplete }
    }

    /// Consumes from `bytes[range]` and appends content to `output` as long as that holds less than `capacity` bytes.
    /// - Returns: how many bytes of the range were consumed; nothing behind the end of the body is.
    public mutating func decode(
        _ bytes: [UInt8], _ range: Range<Int>, into output: inout [UInt8], capacity: Int = .max
    ) throws(HTTPParseError) -> Int {
        switch kind {
        case .length(let remaining):
            let count = max(0, min(remaining, range.count, capacity - output.count))
            output.append(contentsOf: bytes[range.lowerBound..<range.lowerBound + count])
            kind = .length(remaining: remaining - count)
            return count
        case .chunked(var decoder):
            kind = .length(remaining: 0)
            defer { kind = .chunked(decoder) }
            return try decoder.decode(bytes, range, into: &output, capacity: capacity)
        case .untilClose(let remaining):
            guard range.count <= remaining else { throw Self.tooLarge(limitBytes) }
            let count = max(0, min(range.count, capacity - output.count))
            output.append(contentsOf: bytes[range.lowerBound..<range.lowerBound + count])
            kind = .untilClose(remaining: remaining - count)
            return count
        }
    }

    private static func tooLarge(_ limitBytes: Int) -> HTTPParseError {
        HTTPParseError(.contentTooLarge, "the body is larger than \(limitBytes) bytes")
    }
}
