/// What the fields of one head say about the connection and the body, gathered while they are read.
struct HeadFacts {
    let isRequest: Bool
    var contentLength: Int?
    var isChunked = false
    var saysClose = false
    var saysKeepAlive = false
    var expectsContinue = false
    var saysUpgrade = false
    private var upgradeCount = 0
    private var isWebSocketOnly = false
    var hostCount = 0
    /// Where the (last) Host value lies.
    var hostStart = 0
    var hostEnd = 0
    /// `Connection` names fields besides `close` and `keep-alive`.
    var hasNominations = false

    init(isRequest: Bool) { self.isRequest = isRequest }

    /// `Upgrade` names WebSocket and nothing else, and `Connection` says that it is meant.
    var namesWebSocket: Bool { saysUpgrade && isWebSocketOnly && upgradeCount == 1 }

    /// Takes note of a field that matters here.
    /// - Returns: whether the field is for this connection only.
    mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(HTTPParseError) -> Bool {
        // Length and first letter leave few names to compare, and none for most fields.
        switch (name.count, bytes[name.lowerBound] | 0x20) {
        case (2, UInt8(ascii: "t")): return equals(bytes, name, "te")
        case (4, UInt8(ascii: "h")):
            guard isRequest, equals(bytes, name, "host") else { return false }
            try noteHost(bytes, value)
            return true
        case (6, UInt8(ascii: "e")):
            guard isRequest, equals(bytes, name, "expect") else { return false }
            guard equals(bytes, value, "100-continue") else {
                throw HTTPParseError(417, "the only expectation known is 100-continue")
            }
            expectsContinue = true
            return true
        case (7, UInt8(ascii: "t")): return equals(bytes, name, "trailer")
        case (7, UInt8(ascii: "u")):
            guard equals(bytes, name, "upgrade") else { return false }
            upgradeCount += 1
            isWebSocketOnly = equals(bytes, value, "websocket")
            return true
        case (10, UInt8(ascii: "c")):
            guard equals(bytes, name, "connection") else { return false }
            noteConnection(bytes, value)
            return true
        case (10, UInt8(ascii: "k")): return equals(bytes, name, "keep-alive")
        case (14, UInt8(ascii: "c")):
            guard equals(bytes, name, "content-length") else { return false }
            try noteContentLength(bytes, value)
            return true
        case (16, UInt8(ascii: "p")): return equals(bytes, name, "proxy-connection")
        case (17, UInt8(ascii: "t")):
            guard equals(bytes, name, "transfer-encoding") else { return false }
            try noteTransferEncoding(bytes, value)
            return true
        case (18, UInt8(ascii: "p")): return equals(bytes, name, "proxy-authenticate")
        case (19, UInt8(ascii: "p")): return equals(bytes, name, "proxy-authorization")
        default: return false
        }
    }

    private mutating func noteHost(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPParseError) {
        hostCount += 1
        guard hostCount == 1 else { throw .malformed("more than one Host") }
        guard !value.isEmpty else { throw .malformed("empty Host") }
        for index in value where !HTTPCharacters.isAuthority(bytes[index]) { throw .malformed("malformed Host") }
        hostStart = value.lowerBound
        hostEnd = value.upperBound
    }

    private mutating func noteContentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPParseError) {
        guard contentLength == nil else { throw .malformed("more than one Content-Length") }
        guard !value.isEmpty, value.count <= HTTPHeadLimits.contentLengthDigits else {
            throw .malformed("malformed Content-Length")
        }
        var length = 0
        for index in value {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .malformed("malformed Content-Length") }
            length = length * 10 + Int(digit)
        }
        contentLength = length
    }

    private mutating func noteTransferEncoding(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPParseError) {
        guard !isChunked else { throw .malformed("more than one Transfer-Encoding") }
        guard equals(bytes, value, "chunked") else {
            throw HTTPParseError(501, "the only transfer coding known is chunked")
        }
        isChunked = true
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        ListElements(value).forEach(bytes) { element in
            if equals(bytes, element, "close") {
                saysClose = true
            } else if equals(bytes, element, "keep-alive") {
                saysKeepAlive = true
            } else if equals(bytes, element, "upgrade") {
                // That field is for this connection only by its name already.
                saysUpgrade = true
            } else {
                hasNominations = true
            }
        }
    }
}

/// The elements of a comma-separated field value, blanks around them and empty ones left out.
struct ListElements {
    let range: Range<Int>

    init(_ range: Range<Int>) { self.range = range }

    func forEach<Failure: Error>(
        _ bytes: Span<UInt8>, _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            var first = start
            var last = end
            while first < last, HTTPCharacters.isBlank(bytes[first]) { first += 1 }
            while last > first, HTTPCharacters.isBlank(bytes[last - 1]) { last -= 1 }
            if first < last { try body(first..<last) }
            start = end + 1
        }
    }
}
