import HTTP
import InferenceGatewayCore
import JSON
import Testing

@testable import InferenceGateway

@Suite struct GatewayResponderTests {
    private let gateway = GatewayFixture()

    private func chat(_ model: String) -> HTTPBody { HTTPBody(#"{"messages":[],"model":"\#(model)"}"#) }

    @Test func anOpenAIRequestGoesToTheServiceThatItsBodyNames() async throws {
        let response = await gateway.send(.post, "/v1/chat/completions?a=b", body: chat("open"))
        #expect(response.status == .ok)
        #expect(try await response.text() == "hello")
        let sent = try #require(gateway.transport.requests.first)
        #expect(sent.origin == HTTPOrigin(host: "10.0.0.1", port: 8000))
        #expect(sent.request.target == "/v1/chat/completions?a=b")
        #expect(try await sent.request.body.collect(limitBytes: 100) == chat("open").collect(limitBytes: 100))
    }

    @Test func aServicePathGoesToItsEngineWithoutThePrefix() async throws {
        let response = await gateway.send(.put, "/services/open/a%2Fb/c?d=e", body: HTTPBody("anything"))
        #expect(response.status == .ok)
        let sent = try #require(gateway.transport.requests.first)
        #expect(sent.request.method == .put)
        #expect(sent.request.target == "/a%2Fb/c?d=e")
    }

    @Test(
        arguments: [
            (nil, 401, "token_missing"), ("Bearer nonsense", 401, "invalid_api_key"),
            ("Basic good", 401, "invalid_api_key"),
            ("Bearer late", 401, "token_expired"), ("Bearer foreign", 403, "permission_denied"),
            ("Bearer good", 200, nil),
            ("BackendAI good", 200, nil),
        ] as [(String?, Int, String?)])
    func aPrivateServiceWantsItsToken(authorization: String?, status: Int, code: String?) async throws {
        var fields = HTTPFields()
        if let authorization { fields.append("Authorization", authorization) }
        let openAI = await gateway.send(.post, "/v1/completions", fields, body: chat("closed"))
        #expect(openAI.status.code == status)
        #expect(openAI.fields["WWW-Authenticate"] == (status == 401 ? "Bearer" : nil))
        let service = await gateway.send(.get, "/services/closed/x", fields)
        #expect(service.status.code == status)
        #expect(service.fields["WWW-Authenticate"] == (status == 401 ? "Bearer" : nil))
        guard let code else { return }
        #expect(try await openAI.json()["error"]?["code"]?.stringValue == code)
        #expect(try await service.json()["code"]?.stringValue == code)
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test func twoTokensAtOnceAreRefused() async {
        let fields: HTTPFields = ["Authorization": "Bearer good", "authorization": "Bearer good"]
        #expect(await gateway.send(.get, "/services/closed/x", fields).status == .unauthorized)
    }

    @Test func anUnknownModelIsNotFoundInOpenAIsWords() async throws {
        let response = await gateway.send(.post, "/v1/chat/completions", body: chat("nobody"))
        #expect(response.status == .notFound)
        #expect(response.fields["Content-Type"] == "application/json")
        let error = try #require(try await response.json()["error"])
        #expect(error["code"] == "model_not_found")
        #expect(error["type"] == "invalid_request_error")
        #expect(error["param"] == "model")
        #expect(error["message"]?.stringValue?.contains("nobody") == true)
    }

    @Test(arguments: [
        ("", "must be a JSON object"), ("[]", "must be a JSON object"), ("{}", "has no \"model\""),
        (#"{"model":7}"#, "string"),
        (#"{"model":"x"#, "neither a valid JSON object"),
    ])
    func aBodyThatNamesNoModelIsABadRequest(body: String, words: String) async throws {
        let response = await gateway.send(
            .post, "/v1/chat/completions", body: body.isEmpty ? .empty : HTTPBody(body))
        #expect(response.status == .badRequest)
        let error = try #require(try await response.json()["error"])
        #expect(error["code"] == "model_not_named")
        #expect(error["message"]?.stringValue?.contains(words) == true)
    }

    @Test(arguments: [true, false])
    func aBodyThatIsCompressedIsToldSo(isWhole: Bool) async throws {
        let compressed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]
        let body = isWhole ? HTTPBody.bytes(compressed) : .stream(PieceStream(["\u{1F}", "\u{8}"]), length: nil)
        let response = await gateway.send(.post, "/v1/chat/completions", ["Content-Encoding": "gzip"], body: body)
        #expect(response.status == .unsupportedMediaType)
        let error = try #require(try await response.json()["error"])
        #expect(error["code"] == "body_encoded")
        #expect(error["type"] == "invalid_request_error")
        #expect(error["message"]?.stringValue?.contains("\"gzip\"") == true)
        // Of one that says it is as it is, the body itself is what is wrong.
        let plain = await gateway.send(.post, "/v1/chat/completions", ["Content-Encoding": "Identity"], body: .empty)
        #expect(plain.status == .badRequest)
    }

    @Test func aNameThatIsTooLongForAnyServiceIsNotFound() async throws {
        let name = String(repeating: "x", count: ModelNameScanner.maximumNameBytes + 1)
        for (method, target, body) in [
            (HTTPMethod.post, "/v1/completions", chat(name)), (.get, "/v1/models/\(name)", .empty),
            (.get, "/v1/models/%ff", .empty),
        ] {
            let response = await gateway.send(method, target, body: body)
            #expect(response.status == .notFound)
            #expect(try await response.json()["error"]?["code"] == "model_not_found")
        }
    }

    @Test(arguments: [
        ("/v1/../x", 400), ("/v1", 404), ("/v1/models/", 404), ("/v2/models/%2e%2e/ready", 400), ("/v2/x", 404),
        ("/services/", 404), ("/services/open/..", 400), ("/x", 404),
    ])
    func pathsAreRefusedInTheWordsOfTheProtocolWhosePrefixTheyHave(target: String, status: Int) async throws {
        let response = await gateway.send(.get, target)
        #expect(response.status.code == status)
        let error = try await response.json()["error"]
        if target.hasPrefix("/v1") {
            #expect(error?["type"] == "invalid_request_error")
        } else if target.hasPrefix("/v2") {
            #expect(error?.stringValue != nil)
            #expect(response.fields["Content-Type"] == "application/json")
        } else {
            #expect(response.fields["Content-Type"] == "application/problem+json")
        }
    }

    @Test(arguments: [true, false])
    func aFormGoesToTheServiceThatItsFieldNames(comesWhole: Bool) async throws {
        let form = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nopen\r\n--B\r\n"
        let type: HTTPFields = ["Content-Type": "multipart/form-data; boundary=B"]
        let stream = PieceStream([String(form.prefix(20)), String(form.dropFirst(20))])
        let response = await gateway.send(
            .post, "/v1/audio/transcriptions", type, body: comesWhole ? HTTPBody(form) : .stream(stream, length: nil))
        #expect(response.status == .ok)
        let sent = try #require(gateway.transport.requests.first)
        #expect(sent.request.fields["Content-Type"] == "multipart/form-data; boundary=B")
    }

    @Test func answersThatAreReadOnTheirWayAreNotAskedForCompressed() async throws {
        let fields: HTTPFields = ["Accept-Encoding": "gzip", "X": "y"]
        _ = await gateway.send(.post, "/v1/chat/completions", fields, body: chat("open"))
        _ = await gateway.send(.get, "/services/open/x", fields)
        let sent = gateway.transport.requests.map(\.request.fields)
        #expect(sent.map { $0["Accept-Encoding"] } == [nil, "gzip"])
        #expect(sent.map { $0["X"] } == ["y", "y"])
    }

    @Test(
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b"), ("00-nonsense", nil), (nil, nil),
        ] as [(String?, String?)])
    func theStateOfATraceGoesOnWithTheTraceOnly(parent: String?, state: String?) async throws {
        var fields: HTTPFields = ["tracestate": "a=b"]
        if let parent { fields.append("traceparent", parent) }
        _ = await gateway.send(.get, "/services/open/x", fields)
        #expect(gateway.transport.requests.first?.request.fields["tracestate"] == state)
    }

    @Test func aServiceWithoutAReadyInstanceSaysSoAndWhenToComeBack() async throws {
        let openAI = await gateway.send(.post, "/v1/chat/completions", body: chat("idle"))
        #expect(openAI.status == .serviceUnavailable)
        #expect(openAI.fields["Retry-After"] == "1")
        #expect(try await openAI.json()["error"]?["message"]?.stringValue?.contains("none of its instances") == true)
        let service = await gateway.send(.get, "/services/idle/x")
        #expect(service.status == .serviceUnavailable)
        #expect(service.fields["Content-Type"] == "application/problem+json")
        #expect(service.fields.values("Retry-After") == ["1"])
        #expect(try await service.json()["code"] == "no_ready_instance")
    }

    @Test(arguments: [
        (HTTPMethod.get, "/", 404), (.get, "/v1", 404), (.get, "/services", 404), (.get, "/services/nobody/x", 404),
        (.get, "/services/open/../closed/x", 400), (.get, "/services/open/%2e%2e/closed", 400), (.get, "/x%zz", 400),
        (.get, "/v1/chat/completions", 405), (.delete, "/v1/models/open", 405), (.post, "/v1/models", 405),
        (.options, "*", 404),
    ])
    func otherRequestsAreRefusedWithoutTroublingAnyEngine(method: HTTPMethod, target: String, status: Int) async {
        let response = await gateway.send(method, target)
        #expect(response.status.code == status)
        #expect((response.fields["Allow"] != nil) == (status == 405))
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test(
        arguments: [
            (nil, ["idle", "mounted", "open", "twins"]),
            ("Bearer good", ["closed", "idle", "mounted", "open", "twins"]),
            ("Bearer late", ["idle", "mounted", "open", "twins"]),
            ("Bearer nonsense", ["idle", "mounted", "open", "twins"]),
        ] as [(String?, [String])])
    func modelsListsWhatTheCallerMayUse(authorization: String?, names: [String]) async throws {
        var fields = HTTPFields()
        if let authorization { fields.append("Authorization", authorization) }
        let response = await gateway.send(.get, "/v1/models", fields)
        let list = try await response.json()
        #expect(list["object"] == "list")
        #expect(list["data"]?.arrayValue?.compactMap { $0["id"]?.stringValue } == names)
        #expect(list["data"]?.arrayValue?.first?["object"] == "model")
        #expect(list["data"]?.arrayValue?.first?["created"] == 1_700_000_000)
    }

    @Test func oneModelIsShownToThoseWhoMayUseIt() async throws {
        let open = await gateway.send(.get, "/v1/models/open")
        #expect(try await open.json()["id"] == "open")
        #expect(await gateway.send(.get, "/v1/models/nobody").status == .notFound)
        #expect(await gateway.send(.get, "/v1/models/closed").status == .unauthorized)
    }

    @Test func everyAnswerCarriesARequestID() async {
        let given = await gateway.send(.get, "/v1/models", ["X-Request-Id": "abc-123"])
        #expect(given.fields.values("X-Request-Id") == ["abc-123"])
        let made = await gateway.send(.get, "/nowhere")
        #expect(made.fields["X-Request-Id"]?.utf8.count == 32)
        let hostile = await gateway.send(.get, "/nowhere", ["X-Request-Id": "a\" b"])
        #expect(hostile.fields["X-Request-Id"]?.utf8.count == 32)
        let long = await gateway.send(.get, "/nowhere", ["X-Request-Id": String(repeating: "x", count: 129)])
        #expect(long.fields["X-Request-Id"]?.utf8.count == 32)
    }

    @Test func refusalsAreCountedByProtocolAndReason() async {
        _ = await gateway.send(.post, "/v1/chat/completions", body: chat("nobody"))
        _ = await gateway.send(.get, "/services/closed/x")
        _ = await gateway.send(.get, "/nowhere")
        #expect(gateway.refusals.snapshot.map(\.reason) == ["model_not_found", "token_missing", "unknown_path"])
        #expect(gateway.refusals.snapshot.map(\.inferenceProtocol) == [.openAI, .service, nil])
    }

    @Test func aChangeOfRoutesIsInForceForTheNextRequest() async {
        #expect(await gateway.send(.get, "/services/new/x").status == .notFound)
        gateway.routes.replace(with: [GatewayFixture.entry("new", instances: [9])])
        #expect(await gateway.send(.get, "/services/new/x").status == .ok)
        #expect(await gateway.send(.get, "/services/open/x").status == .notFound)
    }
}
