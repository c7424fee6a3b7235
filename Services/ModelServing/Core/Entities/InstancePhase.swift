/// What is being done with an instance. Its status, the word for users, follows from it.
public enum InstancePhase: String, Hashable, Sendable, Codable, CaseIterable {
    /// Wanted, and nothing was done yet.
    case pending
    /// Asking ModelManagement what the model version is.
    case resolving
    /// Asking ResourceManagement for capacity.
    case claiming
    /// Getting the engine started: files, actions before the start, the start itself.
    case deploying
    /// The engine runs and has not answered a health check yet.
    case starting
    case running
    /// Was running, and does not answer for the moment.
    case unhealthy
    /// The engine ended or hung: it is being removed, to be deployed again after a pause.
    case restarting
    /// The engine is being taken down.
    case stopping
    /// The engine is gone; its capacity is being given back.
    case releasing
    /// Taken down because nobody wants it any longer. Holds nothing.
    case stopped
    /// Given up. Holds nothing.
    case error

    /// Nothing is left to be done with it.
    public var isSettled: Bool {
        switch self {
        case .running, .stopped, .error: true
        case .pending, .resolving, .claiming, .deploying, .starting, .unhealthy, .restarting, .stopping, .releasing:
            false
        }
    }

    /// It holds nothing any longer.
    public var isEnded: Bool { self == .stopped || self == .error }

    /// A claim for it may exist.
    public var mayHoldClaim: Bool {
        switch self {
        case .pending, .resolving, .stopped, .error: false
        case .claiming, .deploying, .starting, .running, .unhealthy, .restarting, .stopping, .releasing: true
        }
    }

    /// The runtime may have something for it.
    public var mayBeDeployed: Bool {
        switch self {
        case .pending, .resolving, .claiming, .releasing, .stopped, .error: false
        case .deploying, .starting, .running, .unhealthy, .restarting, .stopping: true
        }
    }
}

/// The status of an instance as the API tells it.
public enum InstanceStatus: String, Hashable, Sendable, Codable, CaseIterable {
    case creating, running, stopped, error
}
