import Testing

@testable import InferenceGatewayCore

@Suite struct RefusalMeterTests {
    @Test func countsByProtocolAndReasonWhateverTheNamesInIt() {
        let meter = RefusalMeter()
        meter.record(.unknownService("a"), .openAI)
        meter.record(.unknownService("b"), .openAI)
        meter.record(.unknownService("a"), .service)
        meter.record(.unknownPath, nil)
        let counts = meter.snapshot
        #expect(counts.map(\.reason) == ["model_not_found", "model_not_found", "unknown_path"])
        #expect(counts.map(\.inferenceProtocol) == [.openAI, .service, nil])
        #expect(counts.map(\.count) == [2, 1, 1])
    }
}
