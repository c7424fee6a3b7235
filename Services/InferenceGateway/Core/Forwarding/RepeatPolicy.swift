/// When a request may go to a second instance after the first failed it. Nothing was sent to the caller by then.
public enum RepeatPolicy {
    /// Instances that one request is sent to at most.
    public static let maximumAttempts = 2

    /// What became of an attempt before an answer began.
    public enum Failure: Hashable, Sendable {
        /// No connection, so the instance saw nothing of the request.
        case notSent
        /// The connection broke after some of the request was sent: the instance may have done the work.
        case sent
        /// The instance answered that it cannot take the request now. What it did before that, nobody knows.
        case unavailable
        /// No answer in time: the instance may be at it still, and a second would double the load.
        case timedOut
    }

    /// - Parameters:
    ///   - isSafe: repeating the request has the effect of doing it once.
    ///   - isReplayable: the whole body is in memory still.
    public static func mayRepeat(
        after failure: Failure, attempts: Int, isSafe: Bool, isReplayable: Bool
    ) -> Bool {
        guard attempts < maximumAttempts else { return false }
        return switch failure {
        case .notSent: true
        case .sent, .unavailable: isSafe && isReplayable
        case .timedOut: false
        }
    }

    /// Whether a POST to this path only computes: an answer that was lost can be computed again.
    ///
    /// - Parameter path: without a query.
    public static func isComputation(_ inferenceProtocol: InferenceProtocol, _ path: Substring) -> Bool {
        switch inferenceProtocol {
        case .openAI: OpenAIPaths.computations.contains(path)
        case .openInference: true
        case .service: false
        }
    }
}
