import Testing

@testable import InferenceGatewayCore

@Suite struct RepeatPolicyTests {
    @Test(arguments: [
        (RepeatPolicy.Failure.notSent, 1, false, false, true),
        (.notSent, 2, true, true, false),
        (.sent, 1, true, true, true),
        (.sent, 2, true, true, false),
        (.sent, 1, false, true, false),
        (.sent, 1, true, false, false),
        (.unavailable, 1, true, true, true),
        (.unavailable, 1, false, true, false),
        (.unavailable, 1, true, false, false),
        (.unavailable, 2, true, true, false),
        (.timedOut, 1, true, true, false),
    ])
    func repeatsOnlyWhatIsSafe(
        failure: RepeatPolicy.Failure, attempts: Int, isSafe: Bool, isReplayable: Bool, expected: Bool
    ) {
        let verdict = RepeatPolicy.mayRepeat(
            after: failure, attempts: attempts, isSafe: isSafe, isReplayable: isReplayable)
        #expect(verdict == expected)
    }

    @Test(
        arguments: [
            (InferenceProtocol.openAI, "/v1/chat/completions", true),
            (.openAI, "/v1/embeddings", true),
            // Keeps what it answers.
            (.openAI, "/v1/responses", false),
            (.openAI, "/v1/files", false),
            (.openInference, "/v2/models/a/infer", true),
            (.service, "/v1/chat/completions", false),
        ] as [(InferenceProtocol, Substring, Bool)])
    func computationsCanBeDoneAgain(inferenceProtocol: InferenceProtocol, path: Substring, expected: Bool) {
        #expect(RepeatPolicy.isComputation(inferenceProtocol, path) == expected)
    }
}
