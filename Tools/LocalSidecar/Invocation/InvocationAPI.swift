import HTTP

/// Service invocation: one app's request, passed on to another app with the fields that daprd adds.
struct InvocationAPI: Sendable {
    /// Longer answers with an error status are passed on as streams.
    static let maximumBufferedBytes = 4 << 20

    let appID: String
    let directory: AppDirectory
    let maximumBodyBytes: Int
    let tracing: Tracing
    /// Whether `DAPR_API_TOKEN` is set: then the caller's token ends here.
    let takesToken: Bool
    let hostName: String

    /// - Parameters:
    ///   - name: an app id, or `app-id.namespace`.
    ///   - path: the method's path, still percent-encoded.
    func invoke(
        _ name: String, path: some StringProtocol, _ request: HTTPRequest
    ) async throws(SidecarError) -> HTTPResponse {
        guard let (callee, channel) = directory.resolve(name) else {
            throw failure(name, "no host found with the given ID")
        }
        guard let cleaned = MethodPath.cleaned(path) else { throw .unknownRoute }
        let query = request.query.map { "?\($0)" } ?? ""
        let limited = try body(of: request, for: name)
        let outgoing = HTTPRequest(
            request.method, cleaned + query, fields: fields(for: callee, request), body: limited.body)
        do throws(InvocationFailure) {
            return await answer(try await channel.send(outgoing))
        } catch {
            throw failure(name, limited.stream?.isOverLimit == true ? "stream too large" : error.reason)
        }
    }

    private func failure(_ name: String, _ reason: String) -> SidecarError {
        SidecarError(.internalServerError, "ERR_DIRECT_INVOKE", "failed to invoke, id: \(name), err: \(reason)")
    }

    // MARK: Bodies

    private func body(
        of request: HTTPRequest, for name: String
    ) throws(SidecarError) -> (body: HTTPBody, stream: LimitedStream?) {
        guard request.body.length ?? 0 <= maximumBodyBytes else { throw failure(name, "stream too large") }
        guard case .stream(let stream, let length) = request.body else { return (request.body, nil) }
        let limited = LimitedStream(stream, limitBytes: maximumBodyBytes)
        return (.stream(limited, length: length), limited)
    }

    /// Errors go out whole with their length, all else as it comes and without one.
    private func answer(_ response: HTTPResponse) async -> HTTPResponse {
        var answer = HTTPResponse(response.status, fields: Self.passedOn(response.fields))
        switch response.body {
        case .empty: answer.body = .empty
        case .bytes(let bytes) where response.status.code >= 400: answer.body = .bytes(bytes)
        case .bytes(let bytes): answer.body = .stream(BytesStream(bytes), length: nil)
        case .stream(let stream, let length):
            let isShort = response.status.code >= 400 && length ?? .max <= Self.maximumBufferedBytes
            if isShort, let bytes = try? await response.body.collect(limitBytes: Self.maximumBufferedBytes) {
                answer.body = .bytes(bytes)
            } else {
                answer.body = .stream(stream, length: nil)
            }
        }
        return answer
    }

    // MARK: Fields

    /// What Go's reverse proxy never passes on, and what frames the body.
    private static let ownToAConnection = [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Content-Length", "Expect",
    ]

    private static func passedOn(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields.removeHopByHop()
        for name in ownToAConnection { fields.remove(name) }
        return fields
    }

    private func fields(for callee: String, _ request: HTTPRequest) -> HTTPFields {
        var fields = Self.passedOn(request.fields)
        fields.remove("Host")
        fields.remove("dapr-app-id")
        if takesToken { fields.remove("dapr-api-token") }
        if fields["Content-Type"] == "" { fields.remove("Content-Type") }
        if !fields.contains("User-Agent") { fields.append("User-Agent", "Go-http-client/1.1") }
        if callee != appID { addIdentity(to: &fields, callee: callee, peer: request.peer) }
        if let context = tracing.contexts(for: request).callee { fields.set("Traceparent", context) }
        return fields
    }

    /// An app that calls itself gets none of these. What a caller sent under these names stays, before or behind the
    /// true value: the callee must not trust a field that came twice.
    private func addIdentity(to fields: inout HTTPFields, callee: String, peer: String) {
        let address = peer.split(separator: ":").first.map(String.init) ?? "127.0.0.1"
        let identity = [
            ("Dapr-Caller-App-Id", appID), ("Dapr-Callee-App-Id", callee), ("Dapr-Caller-Namespace", "default"),
            ("Forwarded", "for=\(address);by=\(address);host=\(hostName)"), ("X-Forwarded-For", address),
            ("X-Forwarded-Host", hostName),
        ]
        for (name, value) in identity {
            let spoofed = fields.values(name)
            fields.remove(name)
            let all = Bool.random() ? spoofed + [value] : [value] + spoofed
            for value in all { fields.append(name, value) }
        }
    }
}
