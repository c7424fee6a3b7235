import Domain

/// What can be wrong between entities, their names and their index.
public enum EntityFault: String, CaseIterable, Sendable {
    case indexWithoutRecord = "index_without_record"
    case recordWithoutIndex = "record_without_index"
    case recordWithoutName = "record_without_name"
    case nameWithoutRecord = "name_without_record"
    case nameTakenTwice = "name_taken_twice"
    case indexOutOfOrder = "index_out_of_order"
    case unreadableRecord = "unreadable_record"

    /// For what made a record unreadable; any other error is thrown on.
    public static func unreadable(_ subject: String, _ error: ServiceError) throws(ServiceError) -> ConsistencyFinding {
        guard case .internalFault(let detail) = error else { throw error }
        return unreadableRecord.finding(subject, "\(detail). Restore it from a backup, or delete it.")
    }

    func finding(_ subject: String, _ message: String) -> ConsistencyFinding {
        ConsistencyFinding(kind: rawValue, subject: subject, message: message)
    }
}

extension EntityCollection {
    /// Checks the entities that one shard of the index lists: that they exist, and that their names lead to them.
    /// - Parameters:
    ///   - things: what they are called in the report's counts.
    ///   - pause: called between two pages.
    ///   - eachPage: is shown all entities that can be read, `PageLimits.recordsPerRead` at a time.
    public func check(
        _ shard: Shard, as things: String, repairing: Bool, into report: inout ConsistencyReport,
        pause: () async -> Void = {}, eachPage: ([Stored<Record>]) async throws(ServiceError) -> Void = { _ in }
    ) async throws(ServiceError) {
        var rest: ArraySlice<String>
        do throws(ServiceError) {
            try await checkDivision(of: shard, repairing: repairing, into: &report)
            rest = try await views(of: [shard]) { record, _ in record.segments }.flatMap(\.ids).sorted()[...]
        } catch {
            return report.add(try EntityFault.unreadable(indexKey(shard).description, error))
        }
        while !rest.isEmpty {
            let some = rest.prefix(PageLimits.recordsPerRead)
            rest = rest.dropFirst(some.count)
            report.count(some.count, things)
            try await eachPage(try await check(Array(some), of: shard, repairing: repairing, into: &report))
            if !rest.isEmpty { await pause() }
        }
    }

    /// Checks that an entity which something else knows of is listed.
    public func check(suspect id: UUIDv7, repairing: Bool, into report: inout ConsistencyReport)
        async throws(ServiceError)
    {
        let key = indexKey(Shard(of: id))
        guard try await !unlisted([id]).isEmpty else { return }
        report.add(
            try await mend(id, repairing: repairing) { () async throws(ServiceError) -> Disagreement? in
                let entries = try await records.entries([key.description])
                guard var index = try await indexShards(changing: [id], in: entries)[Shard(of: id)],
                    try index.insert(id.description), let stored = try await records.read(self.key(id))
                else { return nil }
                var writes = StateTransaction()
                try index.write(into: &writes)
                try writes.replace(stored, with: stored.record)
                return .repairable(
                    EntityFault.recordWithoutIndex.finding(
                        stored.key.description, "\(key) does not list it, so that no list shows it."), by: writes)
            })
    }

    /// Checks that a name which something else knows of leads to an entity with this name.
    public func check(suspect name: String, repairing: Bool, into report: inout ConsistencyReport)
        async throws(ServiceError)
    {
        let key = nameKey(name)
        report.add(
            try await records.mend(repairing: repairing) { () async throws(ServiceError) -> Disagreement? in
                guard let owner = try await records.read(key), try await owns(owner.record.id, name) == false else {
                    return nil
                }
                var writes = StateTransaction()
                writes.delete(owner)
                return .repairable(
                    EntityFault.nameWithoutRecord.finding(
                        key.description, "\(kind) \(owner.record.id), to which it leads, does not have this name."),
                    by: writes)
            })
    }

    /// - Returns: those that can be read.
    private func check(
        _ ids: [String], of shard: Shard, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) -> [Stored<Record>] {
        let entries = try await records.entries(ids.map { key($0).description })
        var found: [Stored<Record>] = []
        for id in ids {
            do throws(ServiceError) {
                if let stored = try entries[key(id)], Shard(of: stored.record.uuid) == shard {
                    found.append(stored)
                } else {
                    try await checkEntry(id, of: shard, repairing: repairing, into: &report)
                }
            } catch {
                report.add(try EntityFault.unreadable(key(id).description, error))
            }
        }
        let names = Set(found.compactMap(\.record.uniqueName)).map(nameKey)
        let owners = names.isEmpty ? StateEntries(entries: [:]) : try await records.entries(names.map(\.description))
        for stored in found {
            let id = stored.record.uuid
            guard let name = stored.record.uniqueName, try owners[nameKey(name)]?.record.id != id.description else {
                continue
            }
            try await checkName(of: id, repairing: repairing, into: &report)
        }
        return found
    }

    /// An index entry belongs to an entity of the index's shard.
    private func checkEntry(
        _ id: String, of shard: Shard, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        let uuid = UUIDv7(id)
        let belongs = uuid.map { Shard(of: $0) == shard } ?? false
        report.add(
            try await records.mend(lanes: [indexKey(shard).description], repairing: repairing) {
                () async throws(ServiceError) -> Disagreement? in
                let entries = try await records.entries([indexKey(shard).description])
                guard var index = try await indexShards(changing: [shard: [id]], in: entries)[shard],
                    try index.remove(id)
                else { return nil }
                if belongs, try await records.read(key(id)) != nil { return nil }
                var writes = StateTransaction()
                try index.write(into: &writes)
                return .repairable(
                    EntityFault.indexWithoutRecord.finding(
                        indexKey(shard).description, "It lists \(id.prefix(64)), which does not belong there."),
                    by: writes)
            })
        if !belongs, let uuid { try await check(suspect: uuid, repairing: repairing, into: &report) }
    }

    /// An entity's name leads to it.
    private func checkName(
        of id: UUIDv7, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        report.add(
            try await mend(id, repairing: repairing) { () async throws(ServiceError) -> Disagreement? in
                guard let stored = try await records.read(key(id)), let name = stored.record.uniqueName else {
                    return nil
                }
                let owner = try await records.read(nameKey(name))
                guard owner?.record.id != id.description else { return nil }
                var writes = StateTransaction()
                try writes.replace(stored, with: stored.record)
                if let owner, try await owns(owner.record.id, name) {
                    return .unrepairable(
                        EntityFault.nameTakenTwice.finding(
                            stored.key.description,
                            "Its name \"\(name)\" leads to \(owner.record.id). Rename one of them."),
                        evidence: writes)
                }
                try writes.write(nameKey(name), over: owner, NameRecord(id: id.description))
                return .repairable(
                    EntityFault.recordWithoutName.finding(
                        stored.key.description, "Its name \"\(name)\" does not lead to it."), by: writes)
            })
    }

    /// Whether the entity exists and has the name. What cannot be read keeps what it has.
    func owns(_ id: String, _ name: String) async throws(ServiceError) -> Bool {
        do throws(ServiceError) {
            return try await records.read(key(id))?.record.uniqueName == name
        } catch {
            guard case .internalFault = error else { throw error }
            return true
        }
    }

    private func mend(
        _ id: UUIDv7, repairing: Bool, _ look: () async throws(ServiceError) -> Disagreement?
    ) async throws(ServiceError) -> ConsistencyFinding? {
        try await records.mend(lanes: lanes(indexing: id), repairing: repairing, look)
    }
}
