/// How long each kind of call to the sidecar may take as a whole, connecting and reading the answer included.
public struct DaprDeadlines: Hashable, Sendable {
    public var state: Duration
    /// Reading many keys at once.
    public var bulk: Duration
    public var health: Duration
    public var metadata: Duration

    public init(
        state: Duration = .seconds(5), bulk: Duration = .seconds(15), health: Duration = .seconds(2),
        metadata: Duration = .seconds(5)
    ) {
        self.state = state
        self.bulk = bulk
        self.health = health
        self.metadata = metadata
    }
}
