/// A strict parser for response heads, without input or output of its own; as strict as the one for requests, because
/// what follows a response on the same connection is another client's response.
///
/// Every refusal carries 502, which is what a gateway answers then.
public struct HTTPResponseParser: Sendable {
    private struct StatusLine {
        var status: HTTPStatus
        var minorVersion: Int
    }

    /// Room for a field or two that a proxy adds to what it received.
    private static let spareBytes = 576

    private let limits: HTTPHeadLimits
    private var reader: HeadReader
    private var line: StatusLine?

    public init(limits: HTTPHeadLimits = HTTPHeadLimits(headBytes: 32 * 1024)) {
        self.limits = limits
        reader = HeadReader(limits: limits, isRequest: false)
    }

    /// Looks for a head at the beginning of `bytes[range]`; the rules are those of `HTTPRequestParser.parse`.
    ///
    /// - Parameters:
    ///   - method: What was asked: the response to HEAD has no body, whatever its fields say.
    ///   - mayBecomeWebSocket: Whether that was asked for. A 101 is refused otherwise; its body is all that comes.
    public mutating func parse(
        _ bytes: [UInt8], _ range: Range<Int>, answering method: HTTPMethod, mayBecomeWebSocket: Bool = false
    ) throws(HTTPParseError) -> (head: HTTPResponseHead, consumed: Int)? {
        do throws(HTTPParseError) {
            let end = min(range.upperBound, range.lowerBound + limits.headBytes)
            guard try readLines(bytes.span.extracting(range.lowerBound..<end)) else {
                guard range.count < limits.headBytes else {
                    throw .malformed("the head is larger than \(limits.headBytes) bytes")
                }
                return nil
            }
            let head = try makeHead(
                bytes, range.lowerBound, answering: method, mayBecomeWebSocket: mayBecomeWebSocket)
            let consumed = reader.lineStart
            reader = HeadReader(limits: limits, isRequest: false)
            line = nil
            return (head, consumed)
        } catch {
            throw HTTPParseError(.badGateway, error.reason)
        }
    }

    private mutating func readLines(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        if line == nil {
            guard let read = try readStatusLine(bytes) else { return false }
            line = read
        }
        return try reader.readFields(bytes)
    }

    private mutating func readStatusLine(_ bytes: Span<UInt8>) throws(HTTPParseError) -> StatusLine? {
        let count = bytes.count
        // Up to the blank or line end behind the code.
        guard count >= "HTTP/1.1 200 ".utf8.count else { return nil }
        guard equalsExactly(bytes, 0, "HTTP/1.") else { throw .malformed("the version is not HTTP/1.0 or HTTP/1.1") }
        let minorVersion = Int(bytes[7] &- UInt8(ascii: "0"))
        guard minorVersion < 2 else { throw .malformed("the version is not HTTP/1.0 or HTTP/1.1") }
        guard bytes[8] == HTTPCharacters.space else { throw .malformed("malformed status line") }
        var code = 0
        for index in 9..<12 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .malformed("malformed status code") }
            code = code * 10 + Int(digit)
        }
        guard code >= 100, code < 600 else { throw .malformed("malformed status code") }
        var index = 12
        if bytes[index] == HTTPCharacters.space {
            while index < count, HTTPCharacters.isFieldValue(bytes[index]) { index += 1 }
        }
        guard index < count else { return nil }
        guard bytes[index] == HTTPCharacters.carriageReturn else { throw .malformed("malformed status line") }
        guard index + 1 < count else { return nil }
        guard bytes[index + 1] == HTTPCharacters.lineFeed else { throw .malformed("malformed line end") }
        reader.finishLine(index + 2)
        return StatusLine(status: HTTPStatus(code), minorVersion: minorVersion)
    }

    /// Takes apart what was read.
    private mutating func makeHead(
        _ bytes: [UInt8], _ start: Int, answering method: HTTPMethod, mayBecomeWebSocket: Bool
    ) throws(HTTPParseError) -> HTTPResponseHead {
        guard let line else { throw .malformed("malformed status line") }
        let facts = reader.facts
        if line.status == .switchingProtocols {
            guard mayBecomeWebSocket, line.minorVersion == 1, facts.namesWebSocket else {
                throw .malformed("the protocol was switched unasked")
            }
            guard facts.contentLength == nil, !facts.isChunked else { throw .malformed("101 with a framed body") }
        }
        let hasNoBody = method == .head || line.status.code == 304
        var spans = reader.takeSpans()
        if hasNoBody {
            for index in spans.indices where spans[index].isHopByHop {
                let name = Int(spans[index].nameStart)..<Int(spans[index].nameEnd)
                if equals(bytes.span.extracting(start..<bytes.count), name, "content-length") {
                    spans[index].isHopByHop = false
                }
            }
        }
        let framing = try Self.framing(line, facts, hasNoBody: hasNoBody)
        let persists = line.minorVersion == 1 || facts.saysKeepAlive
        var storage: [UInt8] = []
        storage.reserveCapacity(reader.lineStart + Self.spareBytes)
        storage.append(contentsOf: bytes[start..<start + reader.lineStart])
        return HTTPResponseHead(
            status: line.status, fields: HTTPFields(storage: storage, spans: spans),
            framing: framing, minorVersion: line.minorVersion,
            keepAlive: persists && !facts.saysClose && framing != .untilClose)
    }

    private static func framing(
        _ line: StatusLine, _ facts: HeadFacts, hasNoBody: Bool
    ) throws(HTTPParseError) -> HTTPFraming {
        if facts.isChunked {
            guard facts.contentLength == nil else { throw .malformed("Content-Length beside Transfer-Encoding") }
            guard line.minorVersion == 1 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
        }
        if line.status == .switchingProtocols { return .untilClose }
        if hasNoBody || line.status.code < 200 || line.status.code == 204 { return .none }
        if facts.isChunked { return .chunked }
        guard let length = facts.contentLength else { return .untilClose }
        return length == 0 ? .none : .length(length)
    }
}
