import Domain
import FoundationEssentials
import JSON

/// Between records and the JSON texts of the store.
enum RecordCoding {
    static func encode<Record: StateRecord>(_ record: Record, for key: String) throws(ServiceError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(Envelope(version: Record.schemaVersion, record: record)))
        } catch {
            throw .internalFault(detail: "cannot write \(key): \(error)")
        }
    }

    static func decode<Record: StateRecord>(
        _ type: Record.Type, from text: [UInt8], of key: String
    ) throws(ServiceError) -> Record {
        let envelope: Envelope<Record> = try read(text, of: key)
        if let record = envelope.record { return record }
        guard envelope.version < Record.schemaVersion else {
            throw .internalFault(
                detail: "\(key) has schema version \(envelope.version), written by a newer release than this one")
        }
        let upgraded = try upgrade(type, text, from: envelope.version, of: key)
        let current: Envelope<Record> = try read(upgraded, of: key)
        guard let record = current.record else {
            throw .internalFault(detail: "the upgrade of \(key) left its schema version at \(current.version)")
        }
        return record
    }

    private static func upgrade<Record: StateRecord>(
        _ type: Record.Type, _ text: [UInt8], from version: Int, of key: String
    ) throws(ServiceError) -> [UInt8] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(text)
        } catch {
            throw .internalFault(detail: "cannot read \(key): \(error.message) at byte \(error.offset)")
        }
        guard var document = value.objectValue else { throw .internalFault(detail: "\(key) is not an object") }
        for step in version..<Record.schemaVersion {
            document = try Record.upgrade(document, from: step)
        }
        document["schema_version"] = .integer(Int64(Record.schemaVersion))
        return JSONWriter.bytes(.object(document))
    }

    private static func read<Record: StateRecord>(
        _ text: [UInt8], of key: String
    ) throws(ServiceError) -> Envelope<Record> {
        do {
            return try JSONDecoder().decode(Envelope<Record>.self, from: Data(text))
        } catch {
            throw .internalFault(detail: "cannot read \(key): \(error)")
        }
    }
}

/// A record and its schema version in one flat object. Only a current record is decoded.
private struct Envelope<Record: StateRecord>: Codable {
    let version: Int
    let record: Record?

    init(version: Int, record: Record) {
        self.version = version
        self.record = record
    }

    init(from decoder: any Decoder) throws {
        version = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .version)
        record = version == Record.schemaVersion ? try Record(from: decoder) : nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try record?.encode(to: encoder)
    }

    private enum CodingKeys: String, CodingKey {
        case version = "schema_version"
    }
}
