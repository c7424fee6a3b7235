/// Writes heads in wire form behind what `bytes` holds.
///
/// The engine writes framing and `Connection` itself: fields of those names are left out, whoever set them, so that a
/// message cannot claim another length than it has.
public enum HTTPHeadWriter {
    private static let okLine = Array("HTTP/1.1 200 OK\r\n".utf8)
    private static let contentLength = Array("Content-Length: ".utf8)

    public static func writeStatusLine(_ status: HTTPStatus, to bytes: inout [UInt8]) {
        guard status != .ok else {
            bytes.append(contentsOf: okLine)
            return
        }
        bytes.append(contentsOf: "HTTP/1.1 ".utf8)
        bytes.append(decimal: status.code)
        bytes.append(HTTPCharacters.space)
        bytes.append(contentsOf: status.reasonPhrase.utf8)
        bytes.appendLineEnd()
    }

    /// Whether they can be sent: no blank or line end can get into a request line through them.
    public static func isValid(_ method: HTTPMethod, _ target: String) -> Bool {
        let method = method.rawValue.utf8.span
        let target = target.utf8.span
        guard !method.isEmpty, !target.isEmpty else { return false }
        for index in 0..<method.count where !HTTPCharacters.isToken(method[index]) { return false }
        for index in 0..<target.count where !HTTPCharacters.isTarget(target[index]) { return false }
        return target[0] == UInt8(ascii: "/") || (target.count == 1 && target[0] == UInt8(ascii: "*"))
    }

    /// What every request to an origin has between its target and its other fields: version and Host.
    public static func afterTarget(authority: String) -> [UInt8] { Array(" HTTP/1.1\r\nHost: \(authority)\r\n".utf8) }

    /// - Parameter afterTarget: Of the origin that it goes to.
    public static func writeRequestLine(
        _ method: HTTPMethod, _ target: String, _ afterTarget: [UInt8], to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: method.rawValue.utf8)
        bytes.append(HTTPCharacters.space)
        bytes.append(contentsOf: target.utf8)
        bytes.append(contentsOf: afterTarget)
    }

    /// Writes what is meant for the other end; see `HTTPFieldFilter`.
    ///
    /// Fields that lie behind one another as they were received are copied in one run.
    public static func writeFields(
        _ fields: HTTPFields, leavingOut filter: HTTPFieldFilter, to bytes: inout [UInt8]
    ) {
        let storage = fields.storage.span
        let spans = fields.spans.span
        var runStart = 0
        var runEnd = 0
        for index in 0..<spans.count where !spans[index].isHopByHop && !filter.leavesOut(storage, spans[index]) {
            let span = spans[index]
            let start = Int(span.nameStart)
            if runEnd > 0, start == runEnd + 2, storage[runEnd] == HTTPCharacters.carriageReturn {
                runEnd = Int(span.valueEnd)
                continue
            }
            if runEnd > 0 {
                bytes.append(contentsOf: fields.storage[runStart..<runEnd])
                bytes.appendLineEnd()
            }
            runStart = start
            runEnd = Int(span.valueEnd)
        }
        guard runEnd > 0 else { return }
        bytes.append(contentsOf: fields.storage[runStart..<runEnd])
        bytes.appendLineEnd()
    }

    public static func writeContentLength(_ length: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: contentLength)
        bytes.append(decimal: length)
        bytes.appendLineEnd()
    }

    /// The size line of a chunk; the content and a line end follow.
    public static func writeChunkSize(_ size: Int, to bytes: inout [UInt8]) {
        var shift = 60
        while shift > 0, size >> shift == 0 { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: size >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            shift -= 4
        }
        bytes.appendLineEnd()
    }
}

/// Which fields the engine writes itself, and therefore nobody else.
public enum HTTPFieldFilter: Sendable {
    case request
    case response
    /// Of a response to HEAD, or a 304, which may tell the length of what is not sent.
    case bodilessResponse

    func leavesOut(_ storage: Span<UInt8>, _ span: HTTPFields.Span) -> Bool {
        let name = Int(span.nameStart)..<Int(span.nameEnd)
        switch name.count {
        case 4: return self == .request && equals(storage, name, "host")
        case 10: return equals(storage, name, "connection") || equals(storage, name, "keep-alive")
        case 14: return self != .bodilessResponse && equals(storage, name, "content-length")
        case 17: return equals(storage, name, "transfer-encoding")
        default: return false
        }
    }
}

extension [UInt8] {
    public mutating func appendLineEnd() {
        append(HTTPCharacters.carriageReturn)
        append(HTTPCharacters.lineFeed)
    }

    /// Appends the digits of a number, without a `String`.
    public mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: number.magnitude)
    }

    /// The last eight digits at once, those before them first.
    private mutating func append(digitsOf number: UInt) {
        var rest = number
        var digits: UInt64 = 0
        var count = 0
        repeat {
            digits = digits << 8 | UInt64(UInt8(ascii: "0")) + UInt64(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0 && count < 8
        if rest > 0 { append(digitsOf: rest) }
        for _ in 0..<count {
            append(UInt8(truncatingIfNeeded: digits))
            digits >>= 8
        }
    }
}
