/// Replicas inside one instance.
public struct ReplicaCount: Hashable, Sendable, Codable {
    /// So many the runtime is told to have, at the moment; where the cluster scales by itself, the most.
    public let wanted: Int
    /// All that there are, also those that come up and those that go.
    public let present: Int
    public let ready: Int

    public init(wanted: Int, present: Int, ready: Int) {
        self.wanted = wanted
        self.present = present
        self.ready = ready
    }
}
