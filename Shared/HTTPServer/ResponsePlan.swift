import HTTP

/// How a response goes out: with which framing, and whether with a body at all.
struct ResponsePlan {
    private let isHead: Bool
    /// A body follows the head.
    let hasBody: Bool
    /// Of the body that follows, if it is known.
    let length: Int?
    let isChunked: Bool
    /// The end of the body is the end of the connection: what is left for an HTTP/1.0 client.
    let endsWithClose: Bool
    /// Behind the head both sides send what they like.
    let isWebSocket: Bool

    init(_ response: HTTPResponse, for request: RequestInProgress) {
        isHead = request.isHead
        isWebSocket = response.status == .switchingProtocols && request.webSocket == .offered
        hasBody = isWebSocket || (!request.isHead && !response.status.hasNoBody)
        length = isWebSocket ? nil : response.body.length
        isChunked = hasBody && length == nil && request.minorVersion == 1 && !isWebSocket
        endsWithClose = isWebSocket || (hasBody && length == nil && request.minorVersion == 0)
    }

    /// Writes the head up to the empty line.
    func writeHead(_ response: HTTPResponse, for request: RequestInProgress, to bytes: inout [UInt8]) {
        HTTPHeadWriter.writeStatusLine(response.status, to: &bytes)
        let mayTellLength = isHead || response.status.code == 304
        HTTPHeadWriter.writeFields(
            response.fields, leavingOut: mayTellLength ? .bodilessResponse : .response, to: &bytes)
        if isChunked {
            bytes.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        } else if hasBody, let length {
            HTTPHeadWriter.writeContentLength(length, to: &bytes)
        } else if isHead, let length, length > 0, !response.fields.contains("Content-Length") {
            // As a GET would have had it.
            HTTPHeadWriter.writeContentLength(length, to: &bytes)
        }
        if isWebSocket {
            bytes.append(contentsOf: "Connection: Upgrade\r\nUpgrade: websocket\r\n".utf8)
        } else if !request.keepsConnection {
            bytes.append(contentsOf: "Connection: close\r\n".utf8)
        } else if request.minorVersion == 0 {
            bytes.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
    }
}

/// A response that has not gone out in one go.
struct UnsentResponse {
    let plan: ResponsePlan
    var head: [UInt8] = []
    var body: [UInt8] = []
    var stream: (any ByteStream)?
    /// Of head and body, which the kernel has taken.
    var sent = 0
}

extension HTTPStatus {
    /// RFC 9110 §6.4.1.
    var hasNoBody: Bool { code < 200 || code == 204 || code == 304 }
}
