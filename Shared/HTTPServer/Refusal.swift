import HTTP

/// The answer to what is not a request. It ends the connection.
enum Refusal {
    static func write(
        _ error: HTTPParseError, by responder: any HTTPResponder, retryAfterSeconds: Int? = nil,
        to bytes: inout [UInt8]
    ) {
        let response =
            responder.refuse(error)
            ?? HTTPResponse(
                error.status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: HTTPBody(error.reason + "\n")
            )
        HTTPHeadWriter.writeStatusLine(response.status, to: &bytes)
        HTTPHeadWriter.writeFields(response.fields, leavingOut: .response, to: &bytes)
        bytes.append(contentsOf: "Connection: close\r\n".utf8)
        if let retryAfterSeconds { bytes.append(contentsOf: "Retry-After: \(retryAfterSeconds)\r\n".utf8) }
        HTTPHeadWriter.writeContentLength(response.body.length ?? 0, to: &bytes)
        bytes.appendLineEnd()
        if case .bytes(let body) = response.body { bytes.append(contentsOf: body) }
    }
}
