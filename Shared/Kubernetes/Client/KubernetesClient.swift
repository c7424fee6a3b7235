import Domain
import HTTP
import HTTPClient
import JSON

/// Calls the API server of one cluster, in one namespace.
///
/// A call is sent once: whoever calls decides when to try again. Only one whose credentials are not accepted is
/// repeated, with newly read ones.
public final class KubernetesClient: Sendable {
    /// Of what is applied, in the objects' `managedFields`.
    public static let fieldManager = "slipway"
    /// Of one answer that is read as a whole. A page of a list is the largest.
    static let maximumAnswerBytes = 64 << 20

    public let namespace: String
    private let configuration: KubernetesConfiguration
    private let credentials: Credentials
    private let transport: CurlClient
    private let deadlines: HTTPDeadlines

    /// - Parameter now: for the age of credentials.
    public init(
        _ configuration: KubernetesConfiguration, transport: CurlClient, now: @escaping @Sendable () -> Timestamp,
        deadlines: HTTPDeadlines = HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(30), idle: .seconds(30))
    ) {
        self.configuration = configuration
        self.transport = transport
        self.deadlines = deadlines
        namespace = configuration.namespace
        credentials = Credentials(configuration.user, cluster: configuration.cluster, now: now)
    }

    /// Where the server is, for messages.
    public var server: String { configuration.cluster.server.description }

    /// Sends a request and reads the whole answer as JSON.
    func call(
        _ method: HTTPMethod, _ path: String, _ parameters: [(String, String)] = [], body: JSONValue? = nil,
        contentType: String = "application/json"
    ) async throws(KubernetesError) -> (status: HTTPStatus, document: JSONValue) {
        let bytes = body.map { JSONWriter.bytes($0) }
        let response = try await send(method, path, parameters, body: bytes, contentType: contentType)
        let content = try await collect(response)
        do throws(JSONError) {
            return (response.status, try JSONParser.parse(content))
        } catch {
            throw .malformedAnswer("the answer to \(method) \(path) is not JSON: \(error.message)")
        }
    }

    /// Sends a request; anything but success is thrown.
    /// - Parameter idle: how long nothing may come, for answers that go on.
    func send(
        _ method: HTTPMethod, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/json", idle: Duration? = nil
    ) async throws(KubernetesError) -> HTTPResponse {
        let query = parameters.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        var request = HTTPRequest(
            method, configuration.cluster.server.path + path + (query.isEmpty ? "" : "?\(query)"),
            fields: ["Accept": "application/json", "User-Agent": Self.fieldManager])
        if let body {
            request.fields.append("Content-Type", contentType)
            request.body = .bytes(body)
        }
        var deadlines = deadlines
        if let idle { deadlines.idle = idle }
        let isApply = contentType == Self.applyContentType
        do throws(KubernetesError) {
            return try await attempt(request, deadlines, isApply: isApply)
        } catch .unauthorized(let message) {
            guard await credentials.renew() else { throw .unauthorized(message) }
            return try await attempt(request, deadlines, isApply: isApply)
        }
    }

    static let applyContentType = "application/apply-patch+yaml"

    private func attempt(
        _ request: HTTPRequest, _ deadlines: HTTPDeadlines, isApply: Bool
    ) async throws(KubernetesError) -> HTTPResponse {
        let identity = try await credentials.identity()
        var request = request
        identity.sign(&request.fields)
        let options = try configuration.cluster.options(with: identity)
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(
                request, to: configuration.cluster.server.origin, deadlines: deadlines,
                options: options)
        } catch {
            throw .transport(error, server: server)
        }
        guard !response.status.isSuccess else { return response }
        let content = try await collect(response)
        throw .answered(response.status, fields: response.fields, body: content, isApply: isApply)
    }

    func collect(_ response: HTTPResponse) async throws(KubernetesError) -> [UInt8] {
        do {
            return try await response.body.collect(limitBytes: Self.maximumAnswerBytes)
        } catch {
            throw .broken(error, server: server)
        }
    }
}

extension KubernetesError {
    static func transport(_ error: HTTPTransportError, server: String) -> Self {
        switch error {
        case .connectFailed(let message), .failed(let message), .timedOut(let message):
            .unreachable("\(server) does not answer: \(message)")
        case .requestBodyFailed(let error): .unreachable("the request to \(server) could not be sent whole: \(error)")
        case .cancelled: .cancelled
        }
    }

    /// The answer ended before its end.
    static func broken(_ error: any Error, server: String) -> Self {
        switch error as? HTTPBodyError {
        case .cancelled: .cancelled
        case .tooLarge(let limitBytes): .malformedAnswer("an answer of \(server) is larger than \(limitBytes) bytes")
        case .tooSlow(let message), .incomplete(let message):
            .unreachable("\(server) broke off its answer: \(message)")
        case .requestBodyFailed(let error): .unreachable("the request to \(server) could not be sent whole: \(error)")
        case nil: error is CancellationError ? .cancelled : .unreachable("\(server) broke off its answer: \(error)")
        }
    }
}
