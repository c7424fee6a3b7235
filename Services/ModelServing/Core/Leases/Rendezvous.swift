import Domain

/// Which replica should hold which shard: the one with the highest score for it. Everybody who knows of the same
/// replicas comes to the same answer, and a replica that comes or goes moves only its own shards.
enum Rendezvous {
    static func owner(of shard: Shard, among replicas: some Sequence<ReplicaID>) -> ReplicaID? {
        replicas.max { left, right in
            let (first, second) = (score(left, shard), score(right, shard))
            return first == second ? left < right : first < second
        }
    }

    /// FNV-1a over the name, mixed with the shard. Never to be changed while replicas of two releases run together.
    private static func score(_ replica: ReplicaID, _ shard: Shard) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in replica.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = hash &+ UInt64(shard.number) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
