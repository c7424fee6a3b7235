import Domain

/// The claim of one replica of an instance.
///
/// Its id in ResourceManagement follows from the two, so that asking twice claims once, and nothing has to be kept to
/// find it again. The first replica's is the instance's own.
public struct ClaimID: Hashable, Sendable {
    public let instanceID: ModelServiceInstanceID
    /// From 0.
    public let replica: Int

    public init(_ instanceID: ModelServiceInstanceID, replica: Int = 0) {
        self.instanceID = instanceID
        self.replica = replica
    }

    /// Nil if `uuid` is not the id of any replica's claim: somebody else made it.
    public init?(_ uuid: UUIDv7, of instanceID: ModelServiceInstanceID) {
        let replica = ServiceConfiguration.replicaIndices.first { Self(instanceID, replica: $0).uuid == uuid }
        guard let replica else { return nil }
        self.init(instanceID, replica: replica)
    }

    /// The instance's, with the lower bits other than those that say which kind of UUID it is mixed with the replica.
    public var uuid: UUIDv7 {
        let id = instanceID.uuid
        return UUIDv7(high: id.high, low: id.low ^ (UInt64(replica) &* 0x9E37_79B9_7F4A_7C15) >> 2)
    }
}
