import Contracts
import Domain
import Foundation
import HTTP
import InferenceGatewayCore
import Observability
import Synchronization
import TestSupport
import Testing

@testable import InferenceGateway

@Suite(.timeLimit(.minutes(1))) struct UsageReporterTests {
    private let directory = TemporaryDirectory()
    private let gateway = GatewayFixture { _, _ in
        HTTPResponse(
            .ok, fields: ["Content-Type": "application/json"],
            body: HTTPBody(#"{"usage":{"prompt_tokens":11,"completion_tokens":2}}"#))
    }
    private let status = UsageStatus()
    private let sink = RecordingLogSink()

    private func reporter(_ transport: FakeTransport) -> UsageReporter {
        UsageReporter(
            gatewayID: "gateway-1", dataDirectory: directory.path, incarnation: "first", inbox: gateway.usage,
            sink: UsageSink(
                transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080), key: "the-key"),
            status: status, logger: Logger(sink: sink, now: { GatewayFixture.now }))
    }

    private static func reports(_ transport: FakeTransport) async throws -> [UsageReport] {
        var reports: [UsageReport] = []
        for (request, _) in transport.requests {
            let bytes = try await request.body.collect(limitBytes: 1 << 20)
            reports.append(try JSONDecoder().decode(UsageReport.self, from: Data(bytes)))
        }
        return reports
    }

    private func run(_ reporter: UsageReporter, until condition: @escaping @Sendable () -> Bool) async throws {
        async let running: Void = reporter.run()
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
        await reporter.shutDown()
        try await running
    }

    @Test func tellsWhatWasServedWithItsTokens() async throws {
        let transport = FakeTransport { _, _ in HTTPResponse(.ok) }
        _ = await gateway.send(.post, "/services/open/x")
        _ = await gateway.send(.post, "/services/open/x")
        try await run(reporter(transport)) { [status] in status.state.batchesSent == 1 }
        let sent = try #require(transport.requests.first?.request)
        #expect(sent.target == "/usage_reports" && sent.fields["Authorization"] == "Bearer the-key")
        let report = try #require(try await Self.reports(transport).first)
        #expect(report.gatewayID == "gateway-1" && report.incarnation == "first" && report.sequence == 1)
        let counts = try #require(report.instances.first?.counts)
        #expect(counts.requests == 2 && counts.promptTokens == 22 && counts.completionTokens == 4)
        #expect(status.state.unreportedRequests == 0)
    }

    @Test func sendsABatchAgainAsItWasAlsoAfterARestart() async throws {
        let away = FakeTransport { _, _ throws(HTTPTransportError) in throw .failed("gone in mid-answer") }
        _ = await gateway.send(.post, "/services/open/x")
        try await run(reporter(away)) { [status] in status.state.attemptsFailed >= 2 }
        _ = await gateway.send(.post, "/services/open/x")
        let back = FakeTransport { _, _ in HTTPResponse(.ok) }
        try await run(reporter(back)) { [status] in status.state.batchesSent == 2 }
        let failed = try await Self.reports(away)
        let taken = try await Self.reports(back)
        #expect(Set(failed + taken.prefix(1)).count == 1, "the same each time")
        #expect(taken.map(\.sequence) == [1, 2] && taken.allSatisfy { $0.incarnation == "first" })
        #expect(taken.map { $0.instances.reduce(0) { $0 + $1.counts.requests } } == [1, 1])
    }

    @Test func theEndOfTheProcessReportsWhatIsLeft() async throws {
        let transport = FakeTransport { _, _ in HTTPResponse(.ok) }
        let reporter = reporter(transport)
        await reporter.shutDown()
        _ = await gateway.send(.post, "/services/open/x")
        try await reporter.run()
        #expect(try await Self.reports(transport).count == 1)
    }

    @Test func aReportThatWillNeverBeTakenDoesNotStandInTheWay() async throws {
        let transport = FakeTransport { request, _ in HTTPResponse(400, body: HTTPBody("no")) }
        _ = await gateway.send(.post, "/services/open/x")
        try await run(reporter(transport)) { transport.requests.count == 1 }
        #expect(status.state.unreportedRequests == 0)
        #expect(sink.lines.contains { $0.level == .error })
    }
}
