import Domain

/// Which services to look at, and when. A service is looked at by one at a time; if something happens to it meanwhile,
/// it is looked at once more.
struct WorkQueue {
    private struct Entry {
        var due: Timestamp?
        var isBeingLookedAt = false
        var isRecovering = false
        /// Looks that failed in a row.
        var failures = 0
    }

    private var entries: [ModelServiceID: Entry] = [:]

    /// How many are being looked at.
    private(set) var lookCount = 0

    /// Those that are being looked at.
    var beingLookedAt: some Sequence<ModelServiceID> { entries.lazy.filter(\.value.isBeingLookedAt).map(\.key) }

    /// Asks for a look at `time`, or earlier if one was asked for already.
    mutating func add(_ id: ModelServiceID, at time: Timestamp, isRecovering: Bool = false) {
        var entry = entries[id] ?? Entry()
        entry.due = min(time, entry.due ?? time)
        entry.isRecovering = entry.isRecovering || isRecovering
        entries[id] = entry
    }

    /// Takes what is due for looking at, the longest due first, at most `limit`.
    mutating func take(at now: Timestamp, limit: Int) -> [(id: ModelServiceID, isRecovering: Bool)] {
        let due = entries.compactMap { id, entry -> (id: ModelServiceID, due: Timestamp)? in
            guard !entry.isBeingLookedAt, let due = entry.due, due <= now else { return nil }
            return (id, due)
        }
        return due.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.prefix(max(0, limit)).map { id, _ in
            let isRecovering = entries[id]?.isRecovering ?? false
            entries[id]?.due = nil
            entries[id]?.isBeingLookedAt = true
            entries[id]?.isRecovering = false
            lookCount += 1
            return (id, isRecovering)
        }
    }

    /// A look has ended. `next` is when to look again; nil means when something happens.
    mutating func finish(_ id: ModelServiceID, next: Timestamp?) {
        guard var entry = entries[id], entry.isBeingLookedAt else { return }
        lookCount -= 1
        entry.isBeingLookedAt = false
        entry.failures = 0
        if let next { entry.due = min(next, entry.due ?? next) }
        entries[id] = entry.due == nil ? nil : entry
    }

    /// A look could not be made, for a reason that has nothing to do with the service.
    mutating func fail(
        _ id: ModelServiceID, wasRecovering: Bool, at now: Timestamp, policy: ReconciliationPolicy, random: UInt64
    ) {
        guard var entry = entries[id], entry.isBeingLookedAt else { return }
        lookCount -= 1
        entry.isBeingLookedAt = false
        entry.failures += 1
        entry.isRecovering = entry.isRecovering || wasRecovering
        entry.due = now + policy.pause(after: entry.failures, random: random)
        entries[id] = entry
    }

    /// Forgets those that somebody else looks after from now on. Looks in hand go on.
    mutating func drop(where isTheirs: (ModelServiceID) -> Bool) {
        for (id, entry) in entries where isTheirs(id) {
            guard entry.isBeingLookedAt else {
                entries[id] = nil
                continue
            }
            entries[id]?.due = nil
            entries[id]?.isRecovering = false
        }
    }

    /// When the next look is due among those that are not being looked at.
    var nextDue: Timestamp? {
        entries.values.filter { !$0.isBeingLookedAt }.compactMap(\.due).min()
    }
}
