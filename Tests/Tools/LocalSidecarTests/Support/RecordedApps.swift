import HTTP
import JSON

/// The apps that were behind the real sidecars: `/status/N` answers N, `/drop-conn` nothing, and most paths with an
/// account of the request.
struct RecordedApps: HTTPTransport {
    /// These ports refuse connections.
    var closedPorts: Set<UInt16> = []

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        guard !closedPorts.contains(origin.port) else { throw .connectFailed("Connection refused") }
        let segments = request.path.split(separator: "/")
        switch segments.first {
        case "status": return status(Int(segments[1]) ?? 0, request)
        case "redirect": return HTTPResponse(302, fields: ["Location": "/echo/elsewhere"])
        case "empty": return HTTPResponse(.ok)
        case "drop-conn": throw .failed("the connection was closed")
        default: return try await account(of: request, origin)
        }
    }

    private func status(_ code: Int, _ request: HTTPRequest) -> HTTPResponse {
        var fields: HTTPFields = ["Content-Type": "application/json", "X-App-Header": "from-app"]
        fields.append("X-Multi", "a")
        fields.append("X-Multi", "b")
        fields.append("Connection", "keep-alive")
        let body = HTTPBody("{\"app\": \"said\", \"code\": \(code)}")
        return HTTPResponse(HTTPStatus(code), fields: fields, body: code == 204 ? .empty : body)
    }

    private func account(
        of request: HTTPRequest, _ origin: HTTPOrigin
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let body: [UInt8]
        do {
            body = try await request.body.collect(limitBytes: 64 << 20)
        } catch {
            throw .failed("\(error)")
        }
        var fields = [("Host", origin.authority)] + request.fields.pairs.map { ($0.name, $0.value) }
        if !body.isEmpty { fields.append(("Content-Length", "\(body.count)")) }
        let account: JSONValue = [
            "method": .string(request.method.rawValue), "path": .string(request.target),
            "headers": .array(fields.map { [.string($0.0), .string($0.1)] }),
            "body": .string(String(decoding: body, as: UTF8.self)), "body_len": .integer(Int64(body.count)),
        ]
        return HTTPResponse(
            .ok, fields: ["Content-Type": "application/json", "X-App-Header": "from-app"],
            body: request.method == .head ? .empty : .bytes(JSONWriter.bytes(account)))
    }
}
