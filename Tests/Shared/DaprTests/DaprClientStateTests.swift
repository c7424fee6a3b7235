import Dapr
import HTTP
import JSON
import Testing
import TestSupport

@Suite struct DaprClientStateTests {
    private static let origin = HTTPOrigin(host: "127.0.0.1", port: 3500)

    private func client(_ transport: ScriptedTransport, store: String = "pg1", token: String? = nil) -> DaprClient {
        DaprClient(transport: transport, sidecar: Self.origin, stateStoreName: store, apiToken: token)
    }

    @Test(arguments: [
        ("state.get.present", "{\"a\": 2, \"s\": \"x\"}", "834"), ("state.get.noValue", "null", "840"),
        ("pg2.get", "{\"a\":1}", "9ff7791a-284d-42a7-8041-88778e4135c9"),
        ("mem.get", "{\"a\":1}", "9cb24c0f-67a5-407d-9380-27d54263b075"),
    ])
    func readsAPresentEntry(name: String, value: String, etag: String) async throws {
        let entry = try await client(try ScriptedTransport(name)).get("k")
        #expect(entry == StateEntry(value: Array(value.utf8), etag: etag))
    }

    @Test(arguments: ["state.get.absent", "state.get.ttl.after", "state.get.after-del"])
    func readsNothingWhereDaprdAnswersWithoutContent(name: String) async throws {
        #expect(try await client(try ScriptedTransport(name)).get("k") == nil)
    }

    @Test func encodesKeysOnceAsDaprdDecodesThem() async throws {
        let recorded = RecordedExchange.all.filter {
            $0.name.hasPrefix("state.get.key=") && $0.name.hasSuffix(".encoded") && $0.status == 200
        }
        #expect(recorded.count > 12)
        for exchange in recorded {
            let key = exchange.name.dropFirst("state.get.key=".count).dropLast(".encoded".count)
            let transport = ScriptedTransport(.response(exchange.response))
            _ = try await client(transport).get(String(key))
            #expect(transport.requests.map(\.target) == [exchange.target])
        }
    }

    @Test(arguments: ["", ".", ".."])
    func refusesKeysThatNoPathCanCarry(key: String) async throws {
        let transport = try ScriptedTransport("state.get.present")
        await #expect(throws: DaprError.self) { try await client(transport).get(key) }
        #expect(transport.requests.isEmpty)
    }

    @Test func readsManyKeysInAnyOrder() async throws {
        let entries = try await client(try ScriptedTransport("state.bulk")).get(["m1", "absent", "m3"])
        #expect(
            entries == [
                "m1": StateEntry(value: Array("\"str\"".utf8), etag: "839"),
                "m3": StateEntry(value: Array("[1,2,null]".utf8), etag: "837"),
            ])
    }

    @Test func sendsNothingForNoKeysAndRefusesTooMany() async throws {
        let transport = try ScriptedTransport("state.bulk.empty")
        #expect(try await client(transport).get([]).isEmpty)
        #expect(transport.requests.isEmpty)
        await #expect(throws: DaprError.self) {
            try await client(transport).get((0...StateLimits.maximumKeys).map(String.init))
        }
    }

    @Test func failsIfOneKeyOfManyCouldNotBeRead() async throws {
        let transport = ScriptedTransport(
            .response(HTTPResponse(.ok, body: HTTPBody(#"[{"key":"a","error":"connection refused"}]"#))))
        await #expect(throws: DaprError.storeUnavailable("connection refused")) {
            try await client(transport).get(["a"])
        }
    }

    @Test func writesATransactionInTheFormThatDaprdReads() async throws {
        let transport = try ScriptedTransport("tx.upsert+delete")
        try await client(transport, store: "my store").transact([
            .upsert(key: "a\"b", value: Array("{\"n\":1}".utf8), condition: .always),
            .upsert(key: "new", value: Array("[]".utf8), condition: .insertOnly, timeToLive: .milliseconds(1500)),
            .upsert(key: "old", value: Array("2".utf8), condition: .etag("834"), timeToLive: .zero),
            .delete(key: "gone", etag: nil), .delete(key: "there", etag: "7"),
        ])
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(request.target == "/v1.0/state/my%20store/transaction")
        let expected: JSONValue = [
            "operations": [
                ["operation": "upsert", "request": ["key": "a\"b", "value": ["n": 1]]],
                [
                    "operation": "upsert",
                    "request": [
                        "key": "new", "value": [], "options": ["concurrency": "first-write"],
                        "metadata": ["ttlInSeconds": "2"],
                    ],
                ],
                [
                    "operation": "upsert",
                    "request": [
                        "key": "old", "value": 2, "etag": "834", "options": ["concurrency": "first-write"],
                        "metadata": ["ttlInSeconds": "1"],
                    ],
                ],
                ["operation": "delete", "request": ["key": "gone"]],
                [
                    "operation": "delete",
                    "request": ["key": "there", "etag": "7", "options": ["concurrency": "first-write"]],
                ],
            ]
        ]
        #expect(try JSONParser.parse(try await request.body.collect(limitBytes: 1 << 20)) == expected)
    }

    @Test func neverTurnsAnEmptyETagIntoAnUnconditionalWrite() async throws {
        let transport = try ScriptedTransport("tx.empty")
        let client = client(transport)
        await #expect(throws: DaprError.conflict) {
            try await client.transact([.upsert(key: "k", value: [0x31], condition: .etag(""))])
        }
        await #expect(throws: DaprError.conflict) { try await client.transact([.delete(key: "k", etag: "")]) }
        await #expect(throws: DaprError.conflict) { try await client.save("k", [0x31], .etag("")) }
        await #expect(throws: DaprError.conflict) { try await client.delete("k", etag: "") }
        #expect(transport.requests.isEmpty)
    }

    @Test func savesAndDeletesSingleEntries() async throws {
        let transport = try ScriptedTransport("state.del.if-match.ok")
        let client = client(transport)
        try await client.save("k", Array("{\"n\":1}".utf8), .insertOnly)
        try await client.delete("k/1", etag: "862")
        #expect(transport.requests.map(\.method) == [.post, .delete])
        #expect(transport.requests.map(\.target) == ["/v1.0/state/pg1", "/v1.0/state/pg1/k%2F1"])
        #expect(transport.requests.last?.fields["If-Match"] == "862")
    }

    @Test func sendsTheTokenAndNothingElseInItsPlace() async throws {
        let transport = try ScriptedTransport("token.ok")
        _ = try await client(transport, token: "secret1").get("t1")
        #expect(transport.requests.first?.fields.values("dapr-api-token") == ["secret1"])
    }

    // Each is what daprd 1.17 answered; the call that led to it does not matter to what it means.
    @Test(arguments: [
        ("state.save.etag.stale", DaprError.conflict), ("state.save.etag.absentkey", .conflict),
        ("state.save.etag.garbage", .conflict), ("state.save.first-write.noetag.exists", .conflict),
        ("state.save.multi.one-stale", .conflict), ("state.del.if-match.stale", .conflict),
        ("state.del.absent.if-match", .conflict), ("tx.etag.stale", .conflict), ("tx.delete.etag.stale", .conflict),
        ("tx.delete.absent.etag", .conflict), ("tx.etag.garbage", .conflict),
        ("tx.first-write.noetag.exists", .conflict), ("pg2.save.stale", .conflict), ("pg2.save.garbage", .conflict),
        ("pg2.first-write.exists", .conflict), ("pg2.del.mismatch", .conflict), ("pg2.tx.stale", .conflict),
        ("mem.save.stale", .conflict), ("mem.save.garbage", .conflict), ("mem.first-write.exists", .conflict),
        ("mem.del.mismatch", .conflict), ("mem.tx.stale", .conflict),
        ("state.tx.missingstore", .storeMissing("state store nope is not found")),
        ("component.scopes", .storeMissing("state store scoped is not found")),
        ("component.ignoreErrors", .storeMissing("state store pg-secret is not configured")),
        ("state.bigrequest.5MB", .tooLarge("stream too large")),
        ("http.big-header.9k", .tooLarge("the request's head is longer than the sidecar's read buffer")),
        ("token.missing", .unauthorized), ("token.wrong", .unauthorized),
        ("state.get.badpct", .rejected(code: "BAD_REQUEST", message: "400 Bad Request")),
        (
            "tx.unknown-op",
            .rejected(code: "ERR_NOT_SUPPORTED_STATE_OPERATION", message: "operation type merge not supported")
        ),
        (
            "state.get.nokey",
            .rejected(
                code: "ERR_DIRECT_INVOKE",
                message: "failed getting app id either from the URL path or the header dapr-app-id")
        ),
    ])
    func tellsFailuresApartByDaprdsWords(name: String, expected: DaprError) async throws {
        let client = client(try ScriptedTransport(name))
        await #expect(throws: expected) {
            try await client.transact([.upsert(key: "k", value: [0x31], condition: .always)])
        }
        await #expect(throws: expected) { try await client.get("k") }
    }

    @Test(arguments: [
        "ERROR: deadlock detected (SQLSTATE 40P01)",
        "ERROR: could not serialize access due to concurrent update (SQLSTATE 40001)",
    ])
    func takesACollisionInsideTheDatabaseForAConflict(message: String) async throws {
        let text = "error while executing state transaction: \(message)"
        let body: JSONValue = ["errorCode": "ERR_STATE_TRANSACTION", "message": .string(text)]
        let client = client(ScriptedTransport(.response(.json(.internalServerError, body))))
        await #expect(throws: DaprError.conflict) {
            try await client.transact([.upsert(key: "k", value: [0x31], condition: .always)])
        }
    }

    @Test(arguments: ["get", "save", "del", "bulk", "tx"])
    func tellsAnOutageOfTheDatabaseFromEverythingElse(call: String) async throws {
        let client = client(try ScriptedTransport("state.\(call).db-down"))
        let error = await #expect(throws: DaprError.self) { try await client.get(["t1", "t2"]) }
        guard case .storeUnavailable(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("connection refused"))
    }

    @Test(arguments: [
        "state.save.ttl.bad", "state.save.concurrency.bad", "state.save.nulkey", "state.save.malformed",
        "state.save.key-with-||", "tx.key||", "tx.malformed", "state.save.ttl.number",
    ])
    func callsItAFaultOfOursWhereRepeatingWouldNotHelp(name: String) async throws {
        let client = client(try ScriptedTransport(name))
        let error = await #expect(throws: DaprError.self) { try await client.save("k", [0x31]) }
        guard case .rejected = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        (HTTPTransportError.connectFailed("refused"), DaprError.sidecarUnavailable("refused")),
        (.failed("reset"), .sidecarUnavailable("reset")), (.timedOut("first byte"), .deadlineExceeded("first byte")),
    ])
    func saysWhatBecameOfTheExchange(failure: HTTPTransportError, expected: DaprError) async throws {
        await #expect(throws: expected) { try await client(ScriptedTransport(.failure(failure))).get("k") }
    }

    @Test func boundsTheWholeCall() async throws {
        var deadlines = DaprDeadlines()
        deadlines.state = .milliseconds(20)
        let silentHead = ScriptedTransport(.silence)
        let silentBody = ScriptedTransport(.response(HTTPResponse(.ok, body: .stream(SilentStream(), length: nil))))
        for transport in [silentHead, silentBody] {
            let client = DaprClient(
                transport: transport, sidecar: Self.origin, stateStoreName: "pg1", deadlines: deadlines)
            let error = await #expect(throws: DaprError.self) { try await client.get("k") }
            #expect(error == .deadlineExceeded("GET /v1.0/state/pg1/k took longer than 0.02 seconds"))
        }
    }

    @Test func endsAtOnceWhenItsCallerGivesUp() async throws {
        let client = client(ScriptedTransport(.silence))
        let call = Task { try await client.get("k") }
        call.cancel()
        await #expect(throws: DaprError.self) { try await call.value }
    }
}
