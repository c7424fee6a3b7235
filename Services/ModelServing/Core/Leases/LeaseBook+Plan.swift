import Domain

/// What to write about the leases.
public struct LeasePlan: Hashable, Sendable {
    /// Leases that stay. Nobody else has any business with them, so these writes win unless one was lost.
    public var renewals: [LeaseWrite] = []
    /// Leases that are taken or given away.
    public var transfers: [LeaseWrite] = []
    /// Those among them that another process held, and did not release.
    public var takeovers: Set<Shard> = []

    public init() {}
}

extension LeaseBook {
    /// - Parameters:
    ///   - busy: shards in which something is still being done, be they held or not. Their leases are kept until it is
    ///     over.
    ///   - timeOfDay: for the records.
    public func plan(at now: Duration, busy: Set<Shard>, _ timeOfDay: Timestamp) -> LeasePlan {
        let owners = owners(at: now)
        var plan = LeasePlan()
        for shard in Shard.all {
            guard let sighting = sightings[shard] else { continue }
            let isOwner = owners[shard] == replica.id
            let holder = sighting.lease?.holder
            if holder == replica {
                if isOwner || busy.contains(shard) {
                    if isRenewalDue(shard, at: now) { plan.renewals.append(write(shard, replica, timeOfDay)) }
                } else {
                    plan.transfers.append(write(shard, nil, timeOfDay))
                }
            } else if isOwner, mayTake(sighting, at: now) {
                plan.transfers.append(write(shard, replica, timeOfDay))
                if holder != nil { plan.takeovers.insert(shard) }
            } else if !isOwner, let holder, isPredecessor(holder) {
                plan.transfers.append(write(shard, nil, timeOfDay))
            }
        }
        return plan
    }

    /// Gives back everything that the record says is this replica's.
    public func releases(_ timeOfDay: Timestamp) -> [LeaseWrite] {
        Shard.all.filter { sightings[$0]?.lease?.holder == replica }.map { write($0, nil, timeOfDay) }
    }

    /// How long to wait before the next look at the records.
    public func pause(at now: Duration) -> Duration {
        let owners = owners(at: now)
        let isSettled = Shard.all.allSatisfy { shard in
            let isOwner = owners[shard] == replica.id
            let isHeld = trust(in: shard).map { now < $0.end } ?? false
            return isOwner == isHeld && (isOwner || sightings[shard]?.lease?.holder != replica)
        }
        guard isSettled else { return times.pace }
        let death = nextDeath(after: now).map { $0 - now } ?? times.renewal
        return max(times.pace, min(times.renewal, death))
    }

    private func isRenewalDue(_ shard: Shard, at now: Duration) -> Bool {
        guard let trust = trust(in: shard) else { return true }
        return now - trust.began >= times.renewal / 2
    }

    private func mayTake(_ sighting: Sighting, at now: Duration) -> Bool {
        guard let lease = sighting.lease, let holder = lease.holder else { return true }
        return isPredecessor(holder) || now - sighting.since >= max(lease.duration, times.duration)
    }

    private func write(_ shard: Shard, _ holder: Replica?, _ timeOfDay: Timestamp) -> LeaseWrite {
        LeaseWrite(
            shard, Lease(holder: holder, duration: times.duration, renewedAt: timeOfDay),
            over: sightings[shard]?.version)
    }
}
