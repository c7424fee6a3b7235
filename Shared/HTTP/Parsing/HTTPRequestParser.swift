/// A strict parser for request heads, without input or output of its own.
///
/// It accepts no line end but CRLF, no folded field, no blank before a colon, no control character, no second Host or
/// Content-Length, no Content-Length beside Transfer-Encoding and no transfer coding but `chunked`.
/// What it makes of a head does not depend on how the bytes were split on their way.
public struct HTTPRequestParser: Sendable {
    private struct RequestLine {
        var method: Range<Int> = 0..<0
        var target: Range<Int> = 0..<0
        var minorVersion = 0
    }

    /// For what a proxy appends, so that it does not have to move the fields.
    private static let spareBytes = 320

    private let limits: HTTPHeadLimits
    private var reader: HeadReader
    private var line: RequestLine?

    public init(limits: HTTPHeadLimits = HTTPHeadLimits()) {
        self.limits = limits
        reader = HeadReader(limits: limits, isRequest: true)
    }

    /// Looks for a head at the beginning of `bytes[range]`.
    ///
    /// - Parameter range: The received bytes that have not been consumed. While the answer is nil, the next call must
    ///   bring the same bytes and those that have come since.
    /// - Returns: the head and how many bytes it took, or nil if it is not complete. After a head the parser is ready
    ///   for the next.
    /// - Throws: `HTTPParseError`; the connection can then only be closed.
    public mutating func parse(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(HTTPParseError) -> (head: HTTPRequestHead, consumed: Int)? {
        // One empty line before a request is let pass (RFC 9112 §2.2), a second is not.
        var start = range.lowerBound
        if start < range.upperBound, bytes[start] == HTTPCharacters.carriageReturn {
            guard start + 1 < range.upperBound else { return nil }
            guard bytes[start + 1] == HTTPCharacters.lineFeed else { throw .malformed("malformed line end") }
            start += 2
        }
        do throws(HTTPParseError) {
            guard let head = try readHead(bytes, start..<range.upperBound) else { return nil }
            let consumed = start + reader.lineStart - range.lowerBound
            reader = HeadReader(limits: limits, isRequest: true)
            line = nil
            return (head, consumed)
        } catch {
            var error = error
            error.target = line.map { Self.text(bytes, start, $0.target) }
            throw error
        }
    }

    private mutating func readHead(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(HTTPParseError) -> HTTPRequestHead? {
        let end = min(range.upperBound, range.lowerBound + limits.headBytes)
        guard try readLines(bytes.span.extracting(range.lowerBound..<end)) else {
            guard range.count < limits.headBytes else {
                throw line == nil
                    ? HTTPParseError(414, "the request line is too long")
                    : HTTPParseError(431, "the head is larger than \(limits.headBytes) bytes")
            }
            return nil
        }
        return try makeHead(bytes, range.lowerBound)
    }

    private mutating func readLines(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        if line == nil {
            guard let read = try readRequestLine(bytes) else { return false }
            line = read
        }
        return try reader.readFields(bytes)
    }

    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTPParseError) -> RequestLine? {
        let count = bytes.count
        var read = RequestLine()
        var index = 0
        while index < count, HTTPCharacters.isToken(bytes[index]) { index += 1 }
        guard index <= HTTPHeadLimits.methodBytes else { throw .malformed("the method is too long") }
        guard index < count else { return nil }
        guard index > 0, bytes[index] == HTTPCharacters.space else { throw .malformed("malformed request line") }
        read.method = 0..<index
        index += 1
        guard let targetEnd = try endOfTarget(bytes, from: index) else { return nil }
        read.target = index..<targetEnd
        index = targetEnd + 1
        guard index + "HTTP/1.1\r\n".utf8.count <= count else { return nil }
        guard equalsExactly(bytes, index, "HTTP/1.") else {
            throw HTTPParseError(505, "the version is not HTTP/1.0 or HTTP/1.1")
        }
        index += "HTTP/1.".utf8.count
        read.minorVersion = Int(bytes[index] &- UInt8(ascii: "0"))
        guard read.minorVersion < 2 else { throw HTTPParseError(505, "the version is not HTTP/1.0 or HTTP/1.1") }
        guard bytes[index + 1] == HTTPCharacters.carriageReturn, bytes[index + 2] == HTTPCharacters.lineFeed else {
            throw .malformed("malformed line end")
        }
        reader.finishLine(index + 3)
        return read
    }

    /// Where the blank behind the target stands, or nil if it has yet to come.
    ///
    /// Looks no further than a target may be long, so that a target that is too long and holds a wrong byte behind
    /// that length is refused for its length, whether that byte is here yet or not.
    private func endOfTarget(_ bytes: Span<UInt8>, from start: Int) throws(HTTPParseError) -> Int? {
        let count = bytes.count
        let longest = start + limits.targetBytes
        var index = start
        while index < min(count, longest), HTTPCharacters.isTarget(bytes[index]) {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < count else { return nil }
                guard HTTPCharacters.hexValue(bytes[index + 1]) != nil, HTTPCharacters.hexValue(bytes[index + 2]) != nil
                else { throw .malformed("malformed percent-encoding in the target") }
                index += 2
            }
            index += 1
        }
        guard index < count else { return nil }
        guard index <= longest, !HTTPCharacters.isTarget(bytes[index]) else {
            throw HTTPParseError(414, "the target is longer than \(limits.targetBytes) bytes")
        }
        guard index > start, bytes[index] == HTTPCharacters.space else { throw .malformed("malformed target") }
        return index
    }

    /// Takes apart what was read.
    private mutating func makeHead(_ bytes: [UInt8], _ start: Int) throws(HTTPParseError) -> HTTPRequestHead {
        guard let line else { throw .malformed("malformed request line") }
        let facts = reader.facts
        guard facts.hostCount == 1 || line.minorVersion == 0 else { throw .malformed("no Host") }
        let method = Self.method(bytes, start, line.method)
        guard method != .connect else { throw HTTPParseError(501, "CONNECT is not served") }
        var storage: [UInt8] = []
        storage.reserveCapacity(reader.lineStart + Self.spareBytes)
        storage.append(contentsOf: bytes[start..<start + reader.lineStart])
        var fields = HTTPFields(storage: storage, spans: reader.takeSpans())
        let target = try HTTPTarget(Self.text(bytes, start, line.target), method: method)
        if let authority = target.authority { fields.setHost(authority) }
        let framing = try Self.framing(line, facts)
        return HTTPRequestHead(
            method: method, target: target.originForm, fields: fields, framing: framing,
            minorVersion: line.minorVersion,
            keepAlive: !facts.saysClose && (line.minorVersion == 1 || facts.saysKeepAlive),
            asksForWebSocket: facts.namesWebSocket && method == .get && line.minorVersion == 1
                && facts.contentLength == nil && !facts.isChunked,
            expectsContinue: facts.expectsContinue && line.minorVersion == 1)
    }

    private static func framing(_ line: RequestLine, _ facts: HeadFacts) throws(HTTPParseError) -> HTTPFraming {
        if facts.isChunked {
            guard facts.contentLength == nil else { throw .malformed("Content-Length beside Transfer-Encoding") }
            guard line.minorVersion == 1 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
            return .chunked
        }
        guard let length = facts.contentLength, length > 0 else { return .none }
        return .length(length)
    }

    /// Without making a text of what nearly every request is.
    private static func method(_ bytes: [UInt8], _ start: Int, _ range: Range<Int>) -> HTTPMethod {
        let first = start + range.lowerBound
        if range.count == 4, equalsExactly(bytes.span, first, "POST") { return .post }
        if range.count == 3, equalsExactly(bytes.span, first, "GET") { return .get }
        return HTTPMethod(text(bytes, start, range))
    }

    private static func text(_ bytes: [UInt8], _ start: Int, _ range: Range<Int>) -> String {
        String(decoding: bytes[start + range.lowerBound..<start + range.upperBound], as: UTF8.self)
    }
}
