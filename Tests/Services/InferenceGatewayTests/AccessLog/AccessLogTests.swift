import Domain
import HTTP
import InferenceGatewayCore
import JSON
import Observability
import Synchronization
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct AccessLogTests {
    private func lines(of gateway: GatewayFixture) throws -> [JSONValue] {
        let written = Mutex("")
        let writer = AccessLogWriter(
            gateway.accessLog, logger: Logger(sink: RecordingLogSink(), now: { GatewayFixture.now })
        ) { bytes in written.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
        writer.flush()
        return try written.withLock { $0 }.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    @Test func aLineTellsWhoAskedWhatAndHowItWent() async throws {
        let gateway = GatewayFixture(samplePercent: 100)
        _ = await gateway.send(
            .post, "/services/closed/pa\"th?secret=1",
            ["Authorization": "Bearer good", "X-Request-Id": "r-1"], body: HTTPBody("body"))
        let line = try #require(try lines(of: gateway).first)
        #expect(line["time"] == .string(GatewayFixture.now.description))
        #expect(line["message"] == "request")
        #expect(line["method"] == "POST")
        #expect(line["path"] == "/services/closed/pa\"th")
        #expect(line["status"] == 200)
        #expect(line["service"] == "closed")
        #expect(line["response_bytes"] == 5)
        #expect(line["end"] == "complete")
        #expect(line["peer"] == "192.0.2.7")
        #expect(line["request_id"] == "r-1")
        #expect(line["trace_id"]?.stringValue?.utf8.count == 32)
        let text = JSONWriter.text(line)
        for secret in ["good", "secret", "body"] { #expect(!text.contains(secret)) }
    }

    @Test func aLongPathIsCutAlsoWithinACharacter() async throws {
        let gateway = GatewayFixture(samplePercent: 100)
        let path = "/services/open/" + String(repeating: "x", count: 496)
        _ = await gateway.send(.get, path + "é")
        _ = await gateway.send(.get, path + "yz")
        #expect(try lines(of: gateway).map { $0["path"] } == [.string(path + "\u{FFFD}"), .string(path + "y")])
    }

    @Test func theLongestLineFits() async throws {
        let gateway = GatewayFixture(samplePercent: 100)
        let path = "/services/open/" + String(repeating: "\u{1}", count: 600)
        let id = String(repeating: "i", count: 128)
        for _ in 0..<100 { _ = await gateway.send(.get, path, ["X-Request-Id": id]) }
        let lines = try lines(of: gateway)
        #expect(lines.count == 100)
        #expect(lines.allSatisfy { $0["path"] == .string(String(path.prefix(AccessLogLine.maximumPathBytes))) })
    }

    @Test func timesGoOnFromSecondToSecond() async throws {
        let times = [-1, 0, 999, 1000, 86_400_042, 5, 1_795_000_000_123].map(Timestamp.init(millisecondsSinceEpoch:))
        let next = Mutex(times)
        let gateway = GatewayFixture(samplePercent: 100, logTime: { next.withLock { $0.removeFirst() } })
        for _ in times { _ = await gateway.send(.get, "/services/open/x") }
        #expect(try lines(of: gateway).map { $0["time"] } == times.map { .string($0.description) })
    }

    @Test func aRefusedRequestHasOneLineWithTheReason() async throws {
        let gateway = GatewayFixture(samplePercent: 100)
        _ = await gateway.send(.get, "/services/nobody/x")
        let lines = try lines(of: gateway)
        #expect(lines.count == 1)
        #expect(lines.first?["refusal"] == "model_not_found")
        #expect(lines.first?["service"] == nil, "the caller made it up")
        #expect(lines.first?["status"] == 404)
    }

    @Test func failuresAreAlwaysLoggedAndTheRestAsSampled() async throws {
        let silent = GatewayFixture()
        _ = await silent.send(.get, "/services/open/x")
        _ = await silent.send(.get, "/services/nobody/x")
        #expect(try lines(of: silent).isEmpty)
        _ = await silent.send(.get, "/services/idle/x")
        let line = try #require(try lines(of: silent).first)
        #expect(line["refusal"] == "no_ready_instance" && line["service"] == "idle")
        let sampled = GatewayFixture(samplePercent: 10)
        for _ in 0..<200 { _ = await sampled.send(.get, "/services/open/x") }
        #expect(try lines(of: sampled).count == 20)
    }

    @Test func theQueueIsBoundedAndWhatDidNotFitIsTold() async {
        let gateway = GatewayFixture(samplePercent: 100)
        for _ in 0..<AccessLog.maximumQueued + 3 { _ = await gateway.send(.get, "/services/open/x") }
        let sink = RecordingLogSink()
        let writer = AccessLogWriter(gateway.accessLog, logger: Logger(sink: sink, now: { GatewayFixture.now })) { _ in
        }
        writer.flush()
        #expect(sink.lines.first?.fields.first?.value == "3")
    }

    @Test func muchIsWrittenInPiecesOfWholeLines() async throws {
        let gateway = GatewayFixture(samplePercent: 100)
        for _ in 0..<600 { _ = await gateway.send(.get, "/services/open/x") }
        let pieces = Mutex<[String]>([])
        let writer = AccessLogWriter(
            gateway.accessLog, logger: Logger(sink: RecordingLogSink(), now: { GatewayFixture.now })
        ) { bytes in pieces.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
        #expect(writer.flush() == 600)
        let written = pieces.withLock { $0 }
        #expect(written.count > 1)
        #expect(written.allSatisfy { $0.hasSuffix("}\n") && $0.utf8.count < 2 * AccessLogWriter.batchBytes })
        #expect(written.joined().split(separator: "\n").count == 600)
        #expect(writer.flush() == 0)
    }
}
