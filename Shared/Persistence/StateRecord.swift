import Domain
import JSON

/// Something that is kept in the state store under one key, as a JSON object with snake_case names.
///
/// Names are written out in `CodingKeys`, since they outlive the Swift names. Counts that may pass 2^53 are
/// `StoredInteger`s, and JSON documents of users are kept as text: numbers lose precision in the store.
public protocol StateRecord: Codable, Sendable {
    /// Goes into every stored document as `schema_version`. Raise it with every change that an older reader would
    /// not understand, and teach `upgrade` the step.
    static var schemaVersion: Int { get }

    /// Turns a document of `version` into one of `version + 1`. Called step by step until the document is current;
    /// it is stored in the new form when it is next written.
    static func upgrade(_ document: JSONObject, from version: Int) throws(ServiceError) -> JSONObject
}

extension StateRecord {
    public static var schemaVersion: Int { 1 }

    public static func upgrade(_ document: JSONObject, from version: Int) throws(ServiceError) -> JSONObject {
        throw .internalFault(detail: "there is no way from schema version \(version) of \(Self.self) to the next")
    }
}

/// A record's place in the store, and what is found there.
public struct RecordKey<Record: StateRecord>: Hashable, Sendable, CustomStringConvertible {
    /// The parts of a key are joined by `:`, as in `model:0192…`.
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A record as it was read, with what a conditional write over it needs.
public struct Stored<Record: StateRecord>: Sendable {
    public let key: RecordKey<Record>
    public let record: Record
    public let etag: String

    public init(key: RecordKey<Record>, record: Record, etag: String) {
        self.key = key
        self.record = record
        self.etag = etag
    }
}
