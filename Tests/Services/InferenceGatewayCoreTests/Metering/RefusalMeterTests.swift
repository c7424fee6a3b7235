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

    @Test func countsOfAServiceAreItsOwnAndWhatACallerMakesUpIsNone() {
        let meter = RefusalMeter()
        meter.record(.queueFull(service: "chat"), .openAI)
        meter.record(.queueFull(service: "chat"), .openAI)
        meter.record(.queueFull(service: "draw"), .openAI)
        meter.record(.clientGone, .openAI, service: "chat")
        for number in 0..<100 { meter.record(.unknownService("made up \(number)"), .openAI) }
        let counts = meter.snapshot
        #expect(counts.map(\.service) == ["chat", "draw", "chat", ""])
        #expect(counts.map(\.count) == [2, 1, 1, 100])
    }

    @Test func servicesThatComeAndGoDoNotFillTheMemory() {
        let meter = RefusalMeter()
        let many = RefusalMeter.maximumServices
        for number in 0..<many + 50 { meter.record(.noReadyInstance(service: "chat-\(number)"), .openAI) }
        meter.record(.queueFull(service: "chat-0"), .openAI)
        let counts = meter.snapshot
        #expect(counts.count == many + 2)
        #expect(counts.first { $0.service.isEmpty }?.count == 50)
        #expect(counts.last?.service == "chat-0")
    }
}
