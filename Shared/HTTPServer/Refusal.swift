import HTTP

/// The answer to what is not a request: it never reaches the responder.
enum Refusal {
    static func write(
        _ status: HTTPStatus, _ reason: String, retryAfterSeconds: Int? = nil, to bytes: inout [UInt8]
    ) {
        let text = reason + "\n"
        HTTPHeadWriter.writeStatusLine(status, to: &bytes)
        bytes.append(contentsOf: "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n".utf8)
        if let retryAfterSeconds { bytes.append(contentsOf: "Retry-After: \(retryAfterSeconds)\r\n".utf8) }
        HTTPHeadWriter.writeContentLength(text.utf8.count, to: &bytes)
        bytes.appendLineEnd()
        bytes.append(contentsOf: text.utf8)
    }
}
