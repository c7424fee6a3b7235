import Domain

/// A record that is listed in an index by its id.
public protocol IndexedRecord: StateRecord {
    var uuid: UUIDv7 { get }
    /// A name that no other of its kind has; nil if it has none.
    var uniqueName: String? { get }
}

extension IndexedRecord {
    public var uniqueName: String? { nil }
}

/// A record that is an entity with a name.
public protocol EntityRecord: IndexedRecord {
    var name: String { get }
}

extension EntityRecord {
    public var uniqueName: String? { name }
}

/// The entities of one kind: `{kind}:{id}`, found by `name:{kind}:{name}` and listed by `index:{kind}:{shard}`.
///
/// Records without a name are only listed, and their writers change the index themselves.
///
/// `insert`, `replace` and `delete` read what they need and add to a transaction, so that an entity, its name, its
/// index entry and whatever else the caller adds change together. Call them inside `RecordStore.change`, in the
/// entity's lanes.
public struct EntityCollection<Record: IndexedRecord>: Sendable {
    /// Names the kind in keys and in errors: `model`, `resource_pool`.
    public let kind: String
    let prefix: String
    let records: RecordStore

    /// - Parameter prefix: of the keys, if it is not `kind`.
    public init(_ kind: String, prefix: String? = nil, in records: RecordStore) {
        self.kind = kind
        self.prefix = prefix ?? kind
        self.records = records
    }

    public func key(_ id: UUIDv7) -> RecordKey<Record> { RecordKey("\(prefix):\(id)") }

    /// For ids that come from the index.
    public func key(_ id: String) -> RecordKey<Record> { RecordKey("\(prefix):\(id)") }

    public func nameKey(_ name: String) -> RecordKey<NameRecord> { RecordKey("name:\(prefix):\(name)") }

    public func indexKey(_ shard: Shard) -> RecordKey<IndexRecord> { RecordKey("index:\(prefix):\(shard)") }

    /// The lanes for a change that also touches the index: creation and deletion.
    public func lanes(indexing id: UUIDv7) -> [String] {
        [key(id).description, indexKey(Shard(of: id)).description]
    }

    /// The lanes for a change of the entity alone.
    public func lanes(changing id: UUIDv7) -> [String] { [key(id).description] }

    /// - Throws: `.notFound`.
    public func read(_ id: UUIDv7) async throws(ServiceError) -> Stored<Record> {
        guard let stored = try await records.read(key(id)) else { throw .notFound(kind: kind, id: id.description) }
        return stored
    }

    public func find(_ id: UUIDv7) async throws(ServiceError) -> Stored<Record>? {
        try await records.read(key(id))
    }

}

extension EntityCollection where Record: EntityRecord {
    /// Nil if nobody has the name.
    public func find(named name: String) async throws(ServiceError) -> Stored<Record>? {
        guard let owner = try await records.read(nameKey(name)) else { return nil }
        return try await records.read(key(owner.record.id))
    }

    /// Adds the entity, its name and its index entry.
    /// - Returns: false if exactly this entity is there already, by an earlier attempt whose answer was lost: then
    ///   the whole transaction has happened and nothing is to be written.
    /// - Throws: `.conflict` (`name_taken`).
    public func insert(_ record: Record, into transaction: inout StateTransaction) async throws(ServiceError) -> Bool {
        let indexKey = indexKey(Shard(of: record.uuid))
        let nameKey = nameKey(record.name)
        let entries = try await records.entries([indexKey.description, nameKey.description])
        let owner = try entries[nameKey]
        if let owner, owner.record.id == record.uuid.description { return false }
        try await requireUnowned(owner, record.name)
        let shards = try await indexShards(changing: [record.uuid], in: entries)
        try transaction.insert(key(record.uuid), record)
        try transaction.write(nameKey, over: owner, NameRecord(id: record.uuid.description))
        for var shard in shards.values {
            _ = try shard.insert(record.uuid.description)
            try shard.write(into: &transaction)
        }
        return true
    }

    /// Adds the new form of the entity, and its new name if that changed.
    /// - Throws: `.conflict` (`name_taken`).
    public func replace(
        _ stored: Stored<Record>, with record: Record, into transaction: inout StateTransaction
    ) async throws(ServiceError) {
        try transaction.replace(stored, with: record)
        guard stored.record.name != record.name else { return }
        let oldKey = nameKey(stored.record.name)
        let newKey = nameKey(record.name)
        let entries = try await records.entries([oldKey.description, newKey.description])
        let owner = try entries[newKey]
        try await requireUnowned(owner, record.name)
        try transaction.write(newKey, over: owner, NameRecord(id: record.uuid.description))
        if let old = try entries[oldKey] { transaction.delete(old) }
    }

    /// Adds the end of the entity, its name and its index entry.
    public func delete(
        _ stored: Stored<Record>, into transaction: inout StateTransaction
    ) async throws(ServiceError) {
        let id = stored.record.uuid
        let indexKey = indexKey(Shard(of: id))
        let nameKey = nameKey(stored.record.name)
        let entries = try await records.entries([indexKey.description, nameKey.description])
        transaction.delete(stored)
        if let name = try entries[nameKey], name.record.id == id.description { transaction.delete(name) }
        for var shard in try await indexShards(changing: [id], in: entries).values {
            if try shard.remove(id.description) { try shard.write(into: &transaction) }
        }
    }

    /// A name that leads to nobody is free: it would be taken for ever otherwise. If its owner is just being made, the
    /// name's ETag shows it.
    private func requireUnowned(_ owner: Stored<NameRecord>?, _ name: String) async throws(ServiceError) {
        guard let owner, try await owns(owner.record.id, name) else { return }
        throw .conflict(
            code: "name_taken",
            message: "The name \"\(name)\" belongs to the \(kind) \(owner.record.id). Choose another.")
    }
}
