import Audit
import ControlPlane
import Domain
import Foundation
import HTTP
import JSON
import Observability
import Synchronization
import TestSupport
import Testing

/// What a server tells its audit log, and what it does while that cannot be written.
final class AuditTrailTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trail-\(UUID())").path
    private let store = InMemoryStateStore(now: { Timestamp(millisecondsSinceEpoch: 0) })

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func server(_ routes: [Route], limitBytes: Int = AuditLimits.fileBytes) throws -> InProcessServer {
        let audit = try AuditLog(in: folder, limitBytes: limitBytes) {
            Timestamp(millisecondsSinceEpoch: 1_795_248_000_000)
        }
        return try InProcessServer(
            ControlPlaneAPI(routes: routes, document: sampleAPI.document), store: store, audit: audit)
    }

    private var lines: [JSONValue] {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jsonl") }
            return try names.sorted().flatMap { name in
                try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")).split(separator: 0x0A).map {
                    try JSONParser.parse(Array($0))
                }
            }
        }
    }

    private var events: [String] {
        get throws { try lines.map { "\($0["event"]?.stringValue ?? "") \($0["status"]?.integerValue ?? 0)" } }
    }

    @Test func tellsOfAChangeBeforeItIsMadeAndOfWhatBecameOfIt() async throws {
        let folder = folder
        let before = Mutex(0)
        let server = try server([
            .post("/things", .requires("thing:create")) { _, _ in
                let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                let size = try files.filter { $0.hasSuffix(".jsonl") }.map {
                    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")).count
                }
                before.withLock { $0 = size.reduce(0, +) }
                return .json(.created, ["id": "7"], fields: ["Location": "/things/7"])
            }
        ])
        let answer = try await server.send(.post, "/things", ["name": "x"])
        #expect(answer.status == 201)
        #expect(before.withLock { $0 } > 100)
        #expect(try events == ["change 0", "outcome 201"])
        let (change, outcome) = (try lines[0], try lines[1])
        #expect(change["subject"] == "admin")
        #expect(change["credential"] == "admin_key")
        #expect(change["action"] == "thing:create")
        #expect(change["object"] == "things")
        #expect(change["method"] == "POST")
        #expect(change["decision"] == "allowed")
        #expect(change["request_id"]?.stringValue == answer.fields["X-Request-Id"])
        #expect(change["trace_id"]?.stringValue?.utf8.count == 32)
        #expect(outcome["of"] == change["seq"])
        #expect(outcome["created"] == "/things/7")
        #expect(AuditVerification.report(onFolder: folder).isWhole)
    }

    @Test func tellsOfChangesThatFailed() async throws {
        let server = try server([
            .delete("/things/{id}", .requires("thing:delete")) { _, context in
                for number in 0..<20 { context.notes.add("note \(number)") }
                throw ServiceError.conflict(code: "in_use", message: "x")
            }
        ])
        try await server.send(.delete, "/things/7")
        #expect(try events == ["change 0", "outcome 409"])
        #expect(try lines[1]["detail"]?.stringValue == (0..<8).map { "note \($0)" }.joined(separator: "; "))
    }

    @Test func tellsNothingOfReadingNorOfDryRunsNorOfWhatMachinesRepeat() async throws {
        let route: RouteHandler = { _, _ in HTTPResponse(.noContent) }
        let server = try server([
            .get("/things", .requires("thing:list"), route),
            .post("/things:validate", .requires("thing:create"), route).reading(),
            .post("/reports", .requires("thing:report"), route).polled(),
        ])
        #expect(try await server.send(.get, "/things").status == 204)
        #expect(try await server.send(.head, "/things").status == 204)
        #expect(try await server.send(.options, "/things").status == 204)
        #expect(try await server.send(.post, "/things:validate").status == 204)
        #expect(try await server.send(.post, "/reports").status == 204)
        #expect(try await server.send(.get, "/nowhere").status == 404)
        #expect(try events.isEmpty)
    }

    @Test func tellsOfEveryRefusal() async throws {
        let server = try server([
            .get("/things/{id}", .requires("thing:get")) { _, _ in throw ServiceError.permissionDenied("x") },
            .post("/reports", .requires("thing:report")) { _, _ in HTTPResponse(.noContent) }.polled(),
        ])
        try await server.send(.get, "/things/7")
        try await server.send(.get, "/things/7", asAdmin: false)
        try await server.send(.post, "/reports", fields: ["Authorization": "Bearer wrong-key-wrong"], asAdmin: false)
        #expect(try events == ["refusal 403", "refusal 401", "refusal 401"])
        #expect(try lines[1]["subject"] == "")
        #expect(try lines[1]["action"] == "thing:get")
        #expect(try lines[1]["object"] == "things/7")
        #expect(try lines.allSatisfy { $0["decision"] == "denied" })
    }

    @Test func holdsNothingOfWhatWasSent() async throws {
        let server = try server([
            .post("/things", .requires("thing:create")) { request, _ in
                .json(.ok, ["token": "answer-hunter2", "echo": try await request.json()])
            }
        ])
        try await server.send(
            .post, "/things?secret=query-hunter2", ["password": "body-hunter2"],
            fields: ["Cookie": "hunter2", "X-Token": "hunter2"])
        try await server.send(
            .post, "/things", ["password": "hunter2"], fields: ["Authorization": "Bearer hunter2"], asAdmin: false)
        #expect(try lines.count == 3)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            #expect(!text.contains("hunter2") && !text.contains(InProcessServer.adminKey))
        }
    }

    @Test func tellsWhichRulesWereAddedAndRemoved() async throws {
        let server = try server([])
        let rule: JSONValue = ["sub": "alice", "obj": "models/{id}", "act": "model:get"]
        let made = try await server.send(.post, "/policies", rule)
        try await server.send(.delete, try #require(made.fields["Location"]))
        #expect(try events == ["change 0", "outcome 201", "change 0", "outcome 204"])
        #expect(try lines[1]["detail"] == "p, alice, models/{id}, model:get, allow")
        #expect(try lines[3]["detail"] == "p, alice, models/{id}, model:get, allow")
    }

    @Test func tellsWhoseKeysWereMadeAndRevokedAndNeverTheKeys() async throws {
        let server = try server([])
        let made = try await server.send(.post, "/api_keys", ["owner": "alice", "name": "laptop"])
        let key = try #require(made.json["key"]?.stringValue)
        try await server.send(.delete, try #require(made.fields["Location"]))
        try await server.send(.get, "/things/\(key)", fields: ["Authorization": "Bearer \(key)"], asAdmin: false)
        #expect(try events == ["change 0", "outcome 201", "change 0", "outcome 204"])
        #expect(try lines[1]["detail"] == "api_key, alice, laptop")
        #expect(try lines[3]["detail"] == "api_key, alice, laptop")
        #expect(try lines.allSatisfy { !JSONWriter.text($0).contains(key) })
    }

    /// Each line needs a file of its own, and without the folder there can be none.
    @Test func changesNothingWhileItCannotTellOfIt() async throws {
        let count = Mutex(0)
        let server = try server(
            [
                .post("/things", .requires("thing:create")) { _, _ in
                    count.withLock { $0 += 1 }
                    return HTTPResponse(.noContent)
                },
                .get("/things", .requires("thing:list")) { _, _ in HTTPResponse(.noContent) },
            ], limitBytes: 1)
        #expect(try await server.send(.post, "/things").status == 204)
        try FileManager.default.moveItem(atPath: folder, toPath: folder + ".away")
        let refused = try await server.send(.post, "/things")
        #expect(refused.status == 503)
        #expect(refused.code == "audit_unavailable")
        #expect(refused.fields["Retry-After"] != nil)
        #expect(count.withLock { $0 } == 1)
        #expect(try await server.send(.get, "/things").status == 204)
        #expect(try await server.send(.get, "/things", asAdmin: false).status == 401)
        #expect(server.log.lines.contains { $0.message == "the audit log cannot be written" })
        try FileManager.default.moveItem(atPath: folder + ".away", toPath: folder)
        #expect(try await server.send(.post, "/things").status == 204)
        #expect(try events == ["change 0", "outcome 204", "change 0", "outcome 204"])
        #expect(AuditVerification.report(onFolder: folder).isWhole)
    }

    @Test func changesNothingWhileTheDiskIsFull() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/00000000000000000001.jsonl", withDestinationPath: "/dev/full")
        let server = try server([
            .post("/things", .requires("thing:create")) { _, _ in
                Issue.record("was not told of")
                return HTTPResponse(.noContent)
            }
        ])
        for _ in 0..<3 { #expect(try await server.send(.post, "/things").status == 503) }
    }
}
