/// What the process says about its end to the one that started it. Part of the interface: numbers never change.
enum CommandStatus: Int32, Sendable, CaseIterable {
    case succeeded = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    case unavailable = 4
    case conflict = 5
    case notAllowed = 6
    case timedOut = 7

    var meaning: String {
        switch self {
        case .succeeded: "done"
        case .failed: "failed"
        case .usage: "the command line or a value in it is wrong"
        case .notFound: "there is no such thing"
        case .unavailable: "a server cannot be reached, or is not ready"
        case .conflict: "contradicts what exists"
        case .notAllowed: "the key or token is missing, wrong or not enough"
        case .timedOut: "did not happen in the time given"
        }
    }
}
