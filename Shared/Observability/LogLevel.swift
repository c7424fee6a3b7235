/// How much a log line matters.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug
    /// Life-cycle and state transitions.
    case info
    /// Something failed and will be tried again.
    case warning
    /// A person should look.
    case error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
