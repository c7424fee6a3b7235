import Domain

/// Keeps the leases and the list of the replicas. A version belongs to what was read, and changes with every write.
public protocol LeaseStore: Sendable {
    /// All of it, at one moment.
    func read() async throws(ServiceError) -> LeaseRecords

    /// All of them or none.
    /// - Returns: whether it happened; if not, one of them is not as it was read any more. After an error it may have
    ///   happened, or happen yet.
    func write(_ writes: [LeaseWrite]) async throws(ServiceError) -> Bool

    /// - Returns: as for leases.
    func write(_ members: [ReplicaID: Member], over version: String?) async throws(ServiceError) -> Bool
}

public struct LeaseRecords: Sendable {
    public var leases: [Shard: Versioned<Lease>]
    public var members: Versioned<[ReplicaID: Member]>?

    public init(leases: [Shard: Versioned<Lease>] = [:], members: Versioned<[ReplicaID: Member]>? = nil) {
        self.leases = leases
        self.members = members
    }
}

/// Something that was read, and which version of it that was.
public struct Versioned<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    public let version: String

    public init(_ value: Value, version: String) {
        self.value = value
        self.version = version
    }
}

public struct LeaseWrite: Hashable, Sendable {
    public let shard: Shard
    public let lease: Lease
    /// What it is written over; nil if there was none.
    public let version: String?

    public init(_ shard: Shard, _ lease: Lease, over version: String?) {
        self.shard = shard
        self.lease = lease
        self.version = version
    }
}
