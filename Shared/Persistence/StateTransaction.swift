import Dapr
import Domain

/// Writes that happen together or not at all. Every one carries a condition, so a writer that decided on stale
/// state never wins.
public struct StateTransaction: Sendable {
    public private(set) var operations: [StateOperation] = []

    public init() {}

    /// Writes a record that must not exist yet.
    public mutating func insert<Record>(
        _ key: RecordKey<Record>, _ record: Record, timeToLive: Duration? = nil
    ) throws(ServiceError) {
        let value = try RecordCoding.encode(record, for: key.description)
        operations.append(
            .upsert(key: key.description, value: value, condition: .insertOnly, timeToLive: timeToLive))
    }

    /// Writes over a record that must still be as it was read.
    public mutating func replace<Record>(_ stored: Stored<Record>, with record: Record) throws(ServiceError) {
        let value = try RecordCoding.encode(record, for: stored.key.description)
        operations.append(.upsert(key: stored.key.description, value: value, condition: .etag(stored.etag)))
    }

    /// Writes over what was read, or inserts if nothing was there.
    public mutating func write<Record>(
        _ key: RecordKey<Record>, over stored: Stored<Record>?, _ record: Record
    ) throws(ServiceError) {
        if let stored {
            try replace(stored, with: record)
        } else {
            try insert(key, record)
        }
    }

    /// Deletes a record that must still be as it was read.
    public mutating func delete<Record>(_ stored: Stored<Record>) {
        operations.append(.delete(key: stored.key.description, etag: stored.etag))
    }

    /// Adds the writes of another, except to what this one writes already.
    public mutating func add(_ other: Self) {
        let written = Set(operations.map(\.key))
        operations += other.operations.filter { !written.contains($0.key) }
    }

    public var isEmpty: Bool { operations.isEmpty }
}
