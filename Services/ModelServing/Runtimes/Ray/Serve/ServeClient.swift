import HTTP
import JSON

/// Ray Serve's REST API, as far as it is needed: to read everything, and to declare everything.
///
/// There is a third call, which ends Serve with all applications of everybody. What is not here cannot be called.
struct ServeClient: Sendable {
    /// Of what Serve tells of all applications together; about 3 KiB are one application.
    static let stateLimitBytes = 64 << 20
    /// Of the text of an error, which may hold a traceback.
    static let errorLimitBytes = 256 << 10
    /// Reading is cheap for Ray.
    static let readDeadlines = HTTPDeadlines(connect: .seconds(2), firstByte: .seconds(5), idle: .seconds(5))
    /// The first write starts Serve's controller and proxies, which takes seconds.
    static let writeDeadlines = HTTPDeadlines(connect: .seconds(2), firstByte: .seconds(30), idle: .seconds(5))

    private let address: HTTPBaseURL
    private let token: String?
    private let transport: any HTTPTransport

    /// - Parameter token: of a cluster that asks for one (`RAY_AUTH_MODE=token`).
    init(_ address: HTTPBaseURL, token: String? = nil, transport: any HTTPTransport) {
        self.address = address
        self.token = token
        self.transport = transport
    }

    /// What Serve runs, and what was declared.
    func state() async throws(ServeError) -> ServeState {
        let bytes = try await answer(request(.get), Self.readDeadlines, limitBytes: Self.stateLimitBytes)
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .unreadable("the answer is not JSON: \(error.message)")
        }
        return try ServeState(value)
    }

    /// Makes `declaration` all that is declared: every application that was and is not in it is deleted. Returns when
    /// Serve has taken it on; the applications come and go after that.
    func declare(_ declaration: JSONValue) async throws(ServeError) {
        var request = request(.put)
        request.fields.append("Content-Type", "application/json")
        request.body = .bytes(JSONWriter.bytes(declaration))
        _ = try await answer(request, Self.writeDeadlines, limitBytes: Self.errorLimitBytes)
    }

    private func request(_ method: HTTPMethod) -> HTTPRequest {
        var request = HTTPRequest(method, address.path + "/api/serve/applications/")
        request.fields.append("Accept", "application/json")
        if let token { request.fields.append("Authorization", "Bearer \(token)") }
        return request
    }

    private func answer(
        _ request: HTTPRequest, _ deadlines: HTTPDeadlines, limitBytes: Int
    ) async throws(ServeError) -> [UInt8] {
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(request, to: address.origin, deadlines: deadlines)
        } catch {
            throw .unreachable(reason(error))
        }
        let isSuccess = response.status.isSuccess
        let bytes: [UInt8]
        do {
            bytes = try await response.body.collect(limitBytes: isSuccess ? limitBytes : Self.errorLimitBytes)
        } catch HTTPBodyError.tooLarge(let limit) {
            throw .unreadable("the answer with status \(response.status) has more than \(limit) bytes")
        } catch {
            throw .unreachable("the answer of \(address) broke off: \(error)")
        }
        guard !isSuccess else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        switch response.status.code {
        case 400, 422: throw .refused(Traceback.tellingEnd(of: text))
        case 401, 403: throw .unreachable("\(address) refuses the token, or asks for one: status \(response.status)")
        case 404: throw .unreadable("\(address) knows no \(request.path)")
        default: throw .faulty(status: response.status.code, Traceback.tellingEnd(of: text))
        }
    }

    private func reason(_ error: HTTPTransportError) -> String {
        switch error {
        case .connectFailed(let reason): "cannot connect to \(address): \(reason)"
        case .failed(let reason): "the exchange with \(address) failed: \(reason)"
        case .requestBodyFailed(let error): "the request to \(address) could not be sent whole: \(error)"
        case .timedOut(let reason): "\(address) did not answer in time: \(reason)"
        case .cancelled: "asking \(address) was given up"
        }
    }
}
