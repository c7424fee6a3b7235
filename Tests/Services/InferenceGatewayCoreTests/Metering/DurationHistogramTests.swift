import Testing

@testable import InferenceGatewayCore

@Suite struct DurationHistogramTests {
    @Test func aBoundBelongsToItsBucket() {
        var histogram = DurationHistogram()
        for nanoseconds: Int64 in [0, 1_000_000, 1_000_001, 60_000_000_000, 300_000_000_001] {
            histogram.record(.nanoseconds(nanoseconds))
        }
        #expect(histogram.buckets[0] == 2)
        #expect(histogram.buckets[1] == 1)
        #expect(histogram.buckets[14] == 1)
        #expect(histogram.buckets.reduce(0, +) == 4)
        #expect(histogram.count == 5)
        #expect(histogram.sum == .nanoseconds(360_002_000_002))
    }
}
