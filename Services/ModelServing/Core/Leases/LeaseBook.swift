import Domain

/// What one replica has seen of the leases and of the other replicas, and what it does about it. Pure: times are those
/// of the replica's own clock, which no other knows.
///
/// A lease has expired for an observer when nothing happened to its record for the lease's duration, counted from when
/// the observer first saw it so. Its holder trusts in it from the moment at which the renewal *began*, and for less
/// than the duration. So two never believe at the same time that they hold a shard, whatever their clocks show.
public struct LeaseBook: Sendable {
    struct Sighting: Sendable {
        var lease: Lease?
        var version: String?
        /// When it was first seen like that.
        var since: Duration
    }

    private struct MemberSighting: Sendable {
        var member: Member
        var since: Duration
    }

    struct Trust: Hashable, Sendable {
        let began: Duration
        let end: Duration
    }

    public let replica: Replica
    public let times: LeaseTimes
    private(set) var sightings: [Shard: Sighting] = [:]
    private var members: [ReplicaID: MemberSighting] = [:]
    /// Incarnations of this replica that were there before it: nobody is left who trusts in their leases.
    private var predecessors: Set<String>?
    private var trust: [Shard: Trust] = [:]
    private var lastBeat: Duration?

    public init(_ replica: Replica, times: LeaseTimes) {
        self.replica = replica
        self.times = times
    }

    /// Notes what was read.
    /// - Parameter now: after the reading.
    public mutating func observe(_ records: LeaseRecords, at now: Duration) {
        let known = members
        members = [:]
        for (id, member) in records.members?.value ?? [:] {
            let former = known[id]
            let isUnchanged = former?.member.incarnation == member.incarnation && former?.member.beats == member.beats
            members[id] = MemberSighting(member: member, since: isUnchanged ? former?.since ?? now : now)
        }
        for shard in Shard.all {
            let stored = records.leases[shard]
            if sightings[shard] == nil || sightings[shard]?.version != stored?.version {
                sightings[shard] = Sighting(lease: stored?.value, version: stored?.version, since: now)
            }
            if stored?.value.holder != replica { trust[shard] = nil }
        }
        if predecessors == nil {
            let holders = records.leases.values.compactMap(\.value.holder).filter { $0.id == replica.id }
            predecessors = Set(
                holders.map(\.incarnation) + [members[replica.id]?.member.incarnation].compactMap(\.self)
            )
            .subtracting([replica.incarnation])
        }
    }

    /// Notes that `writes` happened.
    /// - Parameter began: before they were sent.
    public mutating func confirm(_ writes: [LeaseWrite], began: Duration) {
        for write in writes {
            trust[write.shard] =
                write.lease.holder == replica ? Trust(began: began, end: began + times.duration - times.margin) : nil
        }
    }

    /// Trusts in nothing any longer.
    public mutating func renounce() { trust = [:] }

    /// Until when this replica may act for each shard that is its own.
    public func held(at now: Duration) -> [Shard: Duration] {
        let owners = owners(at: now)
        return trust.filter { now < $0.value.end && owners[$0.key] == replica.id }.mapValues(\.end)
    }

    /// Shards that were not renewed in time, and that nobody else has taken as far as was seen: the store is away,
    /// most likely.
    public func lapsed(at now: Duration) -> Set<Shard> {
        let (held, owners) = (held(at: now), owners(at: now))
        return Set(
            sightings.filter { shard, sighting in
                sighting.lease?.holder == replica && owners[shard] == replica.id && held[shard] == nil
            }.keys)
    }

    func trust(in shard: Shard) -> Trust? { trust[shard] }

    // MARK: Replicas

    /// Those that share the work, this one among them unless another process has taken its name.
    public func liveMembers(at now: Duration) -> Set<ReplicaID> {
        var live = Set(members.filter { now - $0.value.since < times.duration }.keys)
        if isSuperseded(at: now) { live.remove(replica.id) } else { live.insert(replica.id) }
        return live
    }

    /// A later process goes by the same name. It has taken over, and two under one name cannot share.
    public func isSuperseded(at now: Duration) -> Bool {
        guard let own = members[replica.id], own.member.incarnation != replica.incarnation,
            predecessors?.contains(own.member.incarnation) == false
        else { return false }
        return now - own.since < times.duration
    }

    func owners(at now: Duration) -> [Shard: ReplicaID] {
        let live = liveMembers(at: now).sorted()
        var owners: [Shard: ReplicaID] = [:]
        for shard in Shard.all { owners[shard] = Rendezvous.owner(of: shard, among: live) }
        return owners
    }

    func isPredecessor(_ holder: Replica) -> Bool {
        holder.id == replica.id && predecessors?.contains(holder.incarnation) == true
    }

    /// The record of the members with a new sign of life of this one, and without those that are gone for good. Nil
    /// while the last one will do.
    public func beat(at now: Duration, _ timeOfDay: Timestamp) -> [ReplicaID: Member]? {
        guard !isSuperseded(at: now) else { return nil }
        let own = members[replica.id]?.member
        if let lastBeat, own?.incarnation == replica.incarnation, now - lastBeat < times.renewal / 2 { return nil }
        var next = members.filter { now - $0.value.since < times.forgetting }.mapValues(\.member)
        next[replica.id] = Member(
            incarnation: replica.incarnation, beats: (own?.beats ?? 0) + 1, seenAt: timeOfDay)
        return next
    }

    public mutating func confirmBeat(at now: Duration) { lastBeat = now }

    /// The record without this replica; nil if it is not in it.
    public func farewell() -> [ReplicaID: Member]? {
        guard members[replica.id]?.member.incarnation == replica.incarnation else { return nil }
        return members.mapValues(\.member).filter { $0.key != replica.id }
    }

    /// When one of the other replicas counts as gone, if nothing is heard of it.
    func nextDeath(after now: Duration) -> Duration? {
        members.filter { $0.key != replica.id }.map { $0.value.since + times.duration }.filter { $0 > now }.min()
    }
}
