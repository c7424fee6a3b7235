/// Why Ray Serve's REST API did not do what it was asked.
enum ServeError: Error, Hashable, Sendable {
    /// Nobody answers there, or not in time. Whether a write was done is not known.
    case unreachable(String)
    /// What was sent is not a valid configuration, in Ray's own words. Nothing was changed.
    case refused(String)
    /// Ray answers with a fault of its own, of which this is the telling end.
    case faulty(status: Int, String)
    /// The answer is not what Ray Serve answers: it is another server, or another version.
    case unreadable(String)

    /// In words, for whoever has to see to it.
    var message: String {
        switch self {
        case .unreachable(let reason): "Ray does not answer: \(reason)"
        case .refused(let reason): "Ray Serve refused the configuration: \(reason)"
        case .faulty(let status, let reason): "Ray answered with status \(status): \(reason)"
        case .unreadable(let reason): "what answers is not Ray Serve as it is known: \(reason)"
        }
    }
}
