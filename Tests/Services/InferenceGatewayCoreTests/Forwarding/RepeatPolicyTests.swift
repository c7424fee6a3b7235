import Testing

@testable import InferenceGatewayCore

@Suite struct RepeatPolicyTests {
    @Test(arguments: [
        (RepeatPolicy.Failure.notSent, 1, false, false, true),
        (.notSent, 2, false, false, true),
        (.notSent, 3, true, true, false),
        (.sent, 1, true, true, true),
        (.sent, 2, true, true, false),
        (.sent, 1, false, true, false),
        (.sent, 1, true, false, false),
        (.timedOut, 1, true, true, false),
    ])
    func repeatsOnlyWhatIsSafe(
        failure: RepeatPolicy.Failure, attempts: Int, isIdempotent: Bool, isReplayable: Bool, expected: Bool
    ) {
        let verdict = RepeatPolicy.mayRepeat(
            after: failure, attempts: attempts, isIdempotent: isIdempotent, isReplayable: isReplayable)
        #expect(verdict == expected)
    }
}
