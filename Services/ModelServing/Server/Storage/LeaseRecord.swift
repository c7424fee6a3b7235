import Domain
import ModelServingCore
import Persistence

/// Under `lease:{shard}`: who reconciles the shard's services. The times are for people, and for whoever checks the
/// state; replicas go by their own clocks.
struct LeaseRecord: StateRecord {
    /// Empty once it was released.
    let holder: String
    let incarnation: String
    let durationMilliseconds: Int
    let renewedAt: Timestamp
    let expiresAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case holder, incarnation
        case durationMilliseconds = "duration_ms"
        case renewedAt = "renewed_at"
        case expiresAt = "expires_at"
    }

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("lease:\(shard)") }

    init(_ lease: Lease) {
        holder = lease.holder?.id.description ?? ""
        incarnation = lease.holder?.incarnation ?? ""
        durationMilliseconds = Int(lease.duration / .milliseconds(1))
        renewedAt = lease.renewedAt
        expiresAt = lease.expiresAt
    }

    var lease: Lease {
        Lease(
            holder: ReplicaID(holder).map { Replica(id: $0, incarnation: incarnation) },
            duration: .milliseconds(durationMilliseconds), renewedAt: renewedAt)
    }
}

/// Under `members`: the replicas that share the work, by name.
struct MembersRecord: StateRecord {
    struct Entry: Codable, Sendable {
        let incarnation: String
        let beats: Int
        let seenAt: Timestamp

        private enum CodingKeys: String, CodingKey {
            case incarnation, beats
            case seenAt = "seen_at"
        }
    }

    let members: [String: Entry]

    static let key = RecordKey<Self>("members")

    init(_ members: [ReplicaID: Member]) {
        let entries = members.map { id, member in
            let entry = Entry(incarnation: member.incarnation, beats: member.beats, seenAt: member.seenAt)
            return (id.description, entry)
        }
        self.members = Dictionary(uniqueKeysWithValues: entries)
    }

    var value: [ReplicaID: Member] {
        let entries = members.compactMap { name, entry in
            ReplicaID(name).map { id in
                (id, Member(incarnation: entry.incarnation, beats: entry.beats, seenAt: entry.seenAt))
            }
        }
        return Dictionary(uniqueKeysWithValues: entries)
    }
}
