/// When a request may go to a second instance after the first failed it. Nothing was sent to the caller by then.
public enum RepeatPolicy {
    /// Instances that one request is sent to at most.
    public static let maximumAttempts = 3

    /// What became of an attempt before an answer began.
    public enum Failure: Hashable, Sendable {
        /// No connection, so the instance saw nothing of the request.
        case notSent
        /// The connection broke after some of the request was sent: the instance may have done the work.
        case sent
        /// No answer in time: the instance may be at it still, and a second would double the load.
        case timedOut
    }

    /// - Parameters:
    ///   - isIdempotent: repeating the request has the effect of doing it once.
    ///   - isReplayable: the whole body is in memory still.
    public static func mayRepeat(
        after failure: Failure, attempts: Int, isIdempotent: Bool, isReplayable: Bool
    ) -> Bool {
        guard attempts < maximumAttempts else { return false }
        return switch failure {
        case .notSent: true
        case .sent: isIdempotent && isReplayable && attempts == 1
        case .timedOut: false
        }
    }
}
