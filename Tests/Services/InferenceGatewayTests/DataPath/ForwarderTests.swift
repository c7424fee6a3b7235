import HTTP
import InferenceGatewayCore
import Synchronization
import Testing

@testable import InferenceGateway

@Suite struct ForwarderTests {
    @Test func theEngineNeverSeesTheTokenNorWhatIsForOneConnectionOnly() async throws {
        let gateway = GatewayFixture()
        var fields: HTTPFields = [
            "Host": "gateway.example", "Authorization": "Bearer good", "Connection": "X-Secret", "X-Secret": "1",
            "Content-Type": "text/plain", "X-Other": "a=b",
        ]
        fields = HTTPFields(
            storage: fields.storage,
            spans: fields.spans.map { span in
                var span = span
                span.isHopByHop = ["Host", "Connection", "X-Secret"].contains(fields.name(span))
                return span
            })
        _ = await gateway.send(.post, "/services/closed/x", fields, body: HTTPBody("a"))
        let sent = try #require(gateway.transport.requests.first?.request.fields)
        #expect(
            sent.pairs.map(\.name) == ["Content-Type", "X-Other", "X-Request-Id", "traceparent", "X-Forwarded-For"])
        #expect(sent["Content-Type"] == "text/plain")
        #expect(sent["X-Other"] == "a=b")
    }

    @Test(arguments: [
        ("192.0.2.7:51234", "192.0.2.7"), ("[2001:db8::1]:80", "2001:db8::1"), ("", ""),
    ])
    func theEngineLearnsWhereTheRequestCameFrom(peer: String, address: String) async throws {
        let gateway = GatewayFixture()
        for fields in [[:], ["X-Forwarded-For": "198.51.100.1", "x-forwarded-for": "10.1.1.1, 10.2.2.2"]]
            as [HTTPFields]
        {
            _ = await gateway.responder.respond(to: HTTPRequest(.get, "/services/open/x", fields: fields, peer: peer))
        }
        #expect(
            gateway.transport.requests.map { $0.request.fields.values("X-Forwarded-For") }
                == [[address], ["198.51.100.1, 10.1.1.1, 10.2.2.2, \(address)"]])
    }

    @Test(arguments: [
        ("/services/mounted/x?y=z", "/slipway-chat/x?y=z"), ("/services/mounted/", "/slipway-chat/"),
        ("/services/mounted/slipway-chat/x", "/slipway-chat/slipway-chat/x"),
    ])
    func thePathOfAnEngineThatSharesItsProxyStandsFirst(asked: String, target: String) async throws {
        let gateway = GatewayFixture()
        _ = await gateway.send(.get, asked)
        #expect(gateway.transport.requests.map(\.request.target) == [target])
    }

    @Test func aTraceIsContinuedOrBegun() async throws {
        let gateway = GatewayFixture()
        let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        _ = await gateway.send(.get, "/services/open/x", ["traceparent": caller])
        _ = await gateway.send(.get, "/services/open/x", ["traceparent": "nonsense"])
        let continued = try #require(gateway.transport.requests.first?.request.fields["traceparent"])
        #expect(continued.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-"))
        #expect(continued.hasSuffix("-00"))
        #expect(continued != caller)
        let begun = try #require(gateway.transport.requests.last?.request.fields)
        #expect(begun["traceparent"]?.utf8.count == 55)
        #expect(begun["traceparent"]?.contains(begun["X-Request-Id"] ?? "none") == true)
    }

    @Test func theAnswerPassesWithItsFieldsButThoseForOneConnection() async throws {
        let gateway = GatewayFixture { _, _ in
            let fields: HTTPFields = ["Keep-Alive": "5", "Content-Type": "a/b", "x-request-id": "engine", "X-Own": "1"]
            let spans = fields.spans.map { span in
                var span = span
                span.isHopByHop = fields.name(span) == "Keep-Alive"
                return span
            }
            return HTTPResponse(
                429, fields: HTTPFields(storage: fields.storage, spans: spans), body: HTTPBody("slow down"))
        }
        let response = await gateway.send(.get, "/services/open/x", ["X-Request-Id": "mine"])
        #expect(response.status == .tooManyRequests)
        #expect(response.fields.pairs.map(\.name) == ["Content-Type", "X-Own", "X-Request-Id"])
        #expect(response.fields["X-Request-Id"] == "mine")
        #expect(gateway.counts(of: "open")?.requests.map(\.status) == [429])
    }

    @Test func anInstanceThatRefusesTheConnectionIsPassedOver() async throws {
        for _ in 0..<20 {
            let gateway = GatewayFixture { _, origin throws(HTTPTransportError) in
                if origin.host == "10.0.0.4" { throw .connectFailed("refused") }
                return HTTPResponse(.ok)
            }
            let response = await gateway.send(.post, "/services/twins/x", body: .stream(PieceStream(["a"]), length: 1))
            #expect(response.status == .ok)
            let upstreams = try #require(gateway.routes.table["twins"]?.upstreams)
            #expect(upstreams.map(\.meter.snapshot.total) == [0, 1])
            #expect(upstreams.map(\.outstanding) == [0, 0])
            #expect(
                Int(upstreams[0].meter.snapshot.attemptsFailed) == gateway.transport.requests.count - 1)
        }
    }

    @Test func aTransportThatGivesTheBodyUpUnsentDoesNotTakeItFromTheNextInstance() async throws {
        let source = PieceStream(["one", "two"])
        let received = Mutex("")
        let gateway = GatewayFixture { request, origin throws(HTTPTransportError) in
            guard case .stream(let body, _) = request.body else { throw .failed("no stream") }
            if origin.host == "10.0.0.4" {
                body.cancel()
                throw .connectFailed("refused")
            }
            while let piece = try? await body.next() {
                received.withLock { $0 += String(decoding: piece, as: UTF8.self) }
            }
            return HTTPResponse(.ok)
        }
        #expect(gateway.routes.table["twins"]?.upstreams.last?.begin() == true)
        let response = await gateway.send(.post, "/services/twins/x", body: .stream(source, length: 6))
        #expect(gateway.transport.requests.map(\.origin.host) == ["10.0.0.4", "10.0.0.5"])
        #expect(response.status == .ok)
        #expect(received.withLock { $0 } == "onetwo")
        #expect(!source.isCancelled)
    }

    @Test func aBodyThatNobodyTakesIsGivenUp() async {
        let source = PieceStream(["one"])
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        _ = await gateway.send(.post, "/services/open/x", body: .stream(source, length: 3))
        #expect(source.isCancelled)
    }

    @Test func whenNoInstanceCanBeReachedTheCallerIsToldToComeBack() async throws {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        let response = await gateway.send(.post, "/services/twins/x")
        #expect(response.status == .serviceUnavailable)
        #expect(response.fields["Retry-After"] == "1")
        #expect(gateway.transport.requests.count == 2)
        let upstreams = try #require(gateway.routes.table["twins"]?.upstreams)
        #expect(upstreams.reduce(0) { $0 + $1.meter.snapshot.total } == 1)
        #expect(upstreams.allSatisfy { $0.outstanding == 0 })
    }

    @Test(arguments: [
        (HTTPMethod.post, HTTPTransportError.failed("reset"), 502, 1),
        (.get, .failed("reset"), 502, 2),
        (.get, .timedOut("slow"), 504, 1),
        (.post, .timedOut("slow"), 504, 1),
        (.post, .cancelled, 499, 1),
    ])
    func whatMayHaveBeenDoneIsNotDoneAgain(
        method: HTTPMethod, error: HTTPTransportError, status: Int, attempts: Int
    ) async throws {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw error }
        let response = await gateway.send(method, "/services/twins/x", body: HTTPBody("a"))
        #expect(response.status.code == status)
        #expect(gateway.transport.requests.count == attempts)
        let upstreams = try #require(gateway.routes.table["twins"]?.upstreams)
        #expect(upstreams.flatMap { $0.meter.snapshot.requests.map(\.status) } == [status])
        #expect(upstreams.allSatisfy { $0.outstanding == 0 })
    }

    @Test func aComputationWhoseAnswerIsLostIsDoneAgainElsewhere() async throws {
        for path in ["/v1/chat/completions", "/v2/models/twins/infer"] {
            let failed = Mutex(false)
            let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in
                let isFirst = failed.withLock { failed in
                    defer { failed = true }
                    return !failed
                }
                if isFirst { throw .failed("reset") }
                return HTTPResponse(.ok)
            }
            let response = await gateway.send(.post, path, body: HTTPBody(#"{"model":"twins"}"#))
            #expect(response.status == .ok)
            #expect(Set(gateway.transport.requests.map(\.origin.host)).count == 2)
        }
    }

    @Test(arguments: [
        (#"{"inputs":[]}"#, 2), (#"{"inputs":[],"parameters":{"sequence_id":7}}"#, 1),
    ])
    func whatAnEngineRemembersIsNotDoneAgain(body: String, attempts: Int) async {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .failed("reset") }
        _ = await gateway.send(.post, "/v2/models/twins/infer", body: HTTPBody(body))
        #expect(gateway.transport.requests.count == attempts)
    }

    @Test func anInstanceThatCannotTakeItPassesItOn() async throws {
        let rejected = PieceStream(["loading"])
        let gateway = GatewayFixture { _, origin in
            origin.host == "10.0.0.4"
                ? HTTPResponse(.serviceUnavailable, body: .stream(rejected, length: nil)) : HTTPResponse(.ok)
        }
        #expect(gateway.routes.table["twins"]?.upstreams.last?.begin() == true)
        let response = await gateway.send(.put, "/services/twins/x", body: HTTPBody("a"))
        #expect(response.status == .ok)
        #expect(rejected.isCancelled)
        #expect(gateway.transport.requests.count == 2)
        #expect(gateway.routes.table["twins"]?.upstreams.map(\.outstanding) == [0, 1])
    }

    @Test func whenNobodyCanTakeItTheCallerGetsTheEnginesWord() async throws {
        let gateway = GatewayFixture { _, _ in HTTPResponse(.serviceUnavailable, body: HTTPBody("full")) }
        let response = await gateway.send(.put, "/services/twins/x", body: HTTPBody("a"))
        #expect(response.status == .serviceUnavailable)
        #expect(try await response.text() == "full")
        #expect(gateway.transport.requests.count == 2)
        // What it did before it found that out, nobody knows.
        _ = await gateway.send(.post, "/services/twins/x", body: HTTPBody("a"))
        #expect(gateway.transport.requests.count == 3)
    }

    @Test func anInstanceThatKeepsFailingIsLeftAlone() async throws {
        let gateway = GatewayFixture { _, origin in
            HTTPResponse(origin.host == "10.0.0.4" ? .internalServerError : .ok)
        }
        for _ in 0..<200 { _ = await gateway.send(.post, "/services/twins/x", body: HTTPBody("a")) }
        let counts = try #require(gateway.routes.table["twins"]?.upstreams.map(\.meter.snapshot.total))
        #expect(counts[0] < 30, "\(counts)")
        #expect(gateway.routes.table["twins"]?.upstreams[0].meter.snapshot.ejections == 1)
    }

    @Test func anInstanceThatAlwaysBreaksOffInMidAnswerIsLeftAlone() async throws {
        let gateway = GatewayFixture { _, origin in
            let failure: HTTPBodyError? = origin.host == "10.0.0.4" ? .incomplete("reset") : nil
            return HTTPResponse(.ok, body: .stream(PieceStream(["half"], failure: failure), length: nil))
        }
        for _ in 0..<200 { _ = try? await gateway.send(.post, "/services/twins/x", body: HTTPBody("a")).text() }
        let upstreams = try #require(gateway.routes.table["twins"]?.upstreams)
        #expect(upstreams[0].meter.snapshot.answersBroken < 30)
        #expect(upstreams[0].meter.snapshot.ejections > 0 && upstreams[1].meter.snapshot.ejections == 0)
    }

    @Test func anInstanceThatLetsOneRequestWaitForTooLongIsLeftAlone() async throws {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .timedOut("no response in time") }
        _ = await gateway.send(.post, "/services/open/x", body: HTTPBody("a"))
        #expect(gateway.routes.table["open"]?.upstreams.first?.health.isEjected == true)
    }

    @Test func aWebSocketThatBreaksOffSaysNothingOfItsInstance() async throws {
        let gateway = GatewayFixture { _, _ in
            HTTPResponse(
                .switchingProtocols, body: .stream(PieceStream(["frame"], failure: .tooSlow("silent")), length: nil))
        }
        for _ in 0..<20 { _ = try? await gateway.send(.get, "/services/open/x").text() }
        #expect(gateway.routes.table["open"]?.upstreams.first?.meter.snapshot.ejections == 0)
    }

    @Test func aStreamedBodyIsNotSentTwice() async {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .failed("reset") }
        let response = await gateway.send(.put, "/services/twins/x", body: .stream(PieceStream(["a"]), length: nil))
        #expect(response.status == .badGateway)
        #expect(gateway.transport.requests.count == 1)
    }

    @Test(arguments: [
        (HTTPBodyError.incomplete("malformed chunk"), 400), (.tooSlow("256 bytes"), 408),
        (.tooLarge(limitBytes: 9), 413), (.cancelled, 499),
    ])
    func aBodyThatItsCallerBreaksOffIsNoFaultOfTheInstance(error: HTTPBodyError, status: Int) async throws {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .requestBodyFailed(error) }
        for _ in 0..<10 {
            let response = await gateway.send(.put, "/services/open/x", body: .stream(PieceStream(["a"]), length: nil))
            #expect(response.status.code == status)
        }
        let upstream = try #require(gateway.routes.table["open"]?.upstreams.first)
        #expect(upstream.meter.snapshot.ejections == 0)
        #expect(upstream.outstanding == 0)
        #expect(gateway.transport.requests.count == 10)
        #expect(upstream.meter.snapshot.requests.map(\.status) == [status])
    }

    @Test func aStreamedAnswerCountsWhenItEnds() async throws {
        let gateway = GatewayFixture { _, _ in
            HTTPResponse(.ok, body: .stream(PieceStream(["data: 1\n\n", "data: 2\n\n"]), length: nil))
        }
        let response = await gateway.send(.get, "/services/open/x")
        let upstream = try #require(gateway.routes.table["open"]?.upstreams.first)
        #expect(upstream.outstanding == 1)
        #expect(upstream.meter.snapshot.total == 0)
        #expect(try await response.text() == "data: 1\n\ndata: 2\n\n")
        #expect(upstream.outstanding == 0)
        #expect(upstream.meter.snapshot.total == 1)
        #expect(upstream.meter.snapshot.answersBroken == 0)
    }

    @Test func anAnswerThatBreaksOffIsBrokenForTheCallerToo() async throws {
        let gateway = GatewayFixture { _, _ in
            HTTPResponse(.ok, body: .stream(PieceStream(["half"], failure: .incomplete("reset")), length: 10))
        }
        let response = await gateway.send(.get, "/services/open/x")
        await #expect(throws: HTTPBodyError.incomplete("reset")) { try await response.text() }
        #expect(gateway.counts(of: "open")?.answersBroken == 1)
        #expect(gateway.counts(of: "open")?.total == 1)
        #expect(gateway.accessLog.take().lines == 1)
    }

    @Test func aCallerThatLeavesStopsTheEngine() async throws {
        let source = PieceStream(["a", "b"])
        let gateway = GatewayFixture { _, _ in HTTPResponse(.ok, body: .stream(source, length: nil)) }
        guard case .stream(let stream, _) = await gateway.send(.get, "/services/open/x").body else {
            Issue.record("the answer should stream")
            return
        }
        _ = try await stream.next()
        stream.cancel()
        stream.cancel()
        #expect(source.isCancelled)
        #expect(gateway.counts(of: "open")?.clientsGone == 1)
        #expect(gateway.counts(of: "open")?.total == 1)
        #expect(gateway.routes.table["open"]?.upstreams.first?.outstanding == 0)
    }

    @Test func anAnswerThatNobodyReadsIsCountedToo() async {
        let gateway = GatewayFixture { _, _ in HTTPResponse(.ok, body: .stream(PieceStream(["a"]), length: 1)) }
        _ = await gateway.send(.get, "/services/open/x")
        #expect(gateway.counts(of: "open")?.clientsGone == 1)
        #expect(gateway.routes.table["open"]?.upstreams.first?.outstanding == 0)
    }
}
