import Domain
import Testing

@testable import InferenceGatewayCore

@Suite struct InstanceMeterTests {
    @Test func eachRequestCountsOnceUnderItsProtocolAndStatus() {
        let meter = InstanceMeter(instanceID: .sample(1), service: "chat", revision: 1)
        for _ in 0..<3 { meter.record(.sample(status: 200)) }
        meter.record(.sample(status: 500))
        meter.record(.sample(status: 200, end: .upstreamBroke))
        meter.record(.sample(status: 499, end: .clientGone, firstByte: nil))
        let snapshot = meter.snapshot
        #expect(snapshot.total == 6)
        #expect(snapshot.requests.map(\.status) == [200, 500, 499])
        #expect(snapshot.requests.map(\.count) == [4, 1, 1])
        #expect(snapshot.answersBroken == 1)
        #expect(snapshot.clientsGone == 1)
        #expect(snapshot.durations.count == 6)
        #expect(snapshot.firstBytes.count == 5)
        #expect(snapshot.firstTokens.count == 0)
    }

    @Test(arguments: [Int64.min, -1, Int64.max]) func noAnswerSpoilsTheSumOfTokens(tokens: Int64) {
        let meter = InstanceMeter(instanceID: .sample(1), service: "chat", revision: 1)
        for _ in 0..<100 {
            meter.record(.sample(tokens: TokenCounts(prompt: tokens, completion: tokens)))
        }
        let expected = tokens < 0 ? 0 : 100 * TokenCounts.maximum
        #expect(meter.snapshot.promptTokens == UInt64(expected))
        #expect(meter.snapshot.completionTokens == UInt64(expected))
        let unreported = meter.takeUnreported()
        #expect(unreported.promptTokens == expected && unreported.completionTokens == expected)
    }

    @Test func countsFromManyTasksAddUp() async {
        let meter = InstanceMeter(instanceID: .sample(1), service: "chat", revision: 1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<1000 { meter.record(.sample()) } }
            }
        }
        #expect(meter.snapshot.total == 8000)
    }
}
