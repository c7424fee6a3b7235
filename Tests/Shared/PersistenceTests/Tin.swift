import Domain
import JSON
import Persistence

/// An entity to store, with an older form: schema version 1 called `label` what is `name` now.
struct Tin: EntityRecord, Hashable {
    static let schemaVersion = 2

    var uuid: UUIDv7
    var name: String
    var beans: StoredInteger

    private enum CodingKeys: String, CodingKey {
        case uuid = "id"
        case name
        case beans
    }

    init(_ id: UUIDv7, _ name: String, beans: StoredInteger = 0) {
        uuid = id
        self.name = name
        self.beans = beans
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        uuid = try container.decode(Identifier<Tin>.self, forKey: .uuid).uuid
        name = try container.decode(String.self, forKey: .name)
        beans = try container.decode(StoredInteger.self, forKey: .beans)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Identifier<Tin>(uuid), forKey: .uuid)
        try container.encode(name, forKey: .name)
        try container.encode(beans, forKey: .beans)
    }

    static func upgrade(_ document: JSONObject, from version: Int) throws(ServiceError) -> JSONObject {
        var document = document
        document["name"] = document["label"]
        document["label"] = nil
        return document
    }
}

func id(_ number: Int) -> UUIDv7 {
    UUIDv7(high: 0x0192_0000_0000_7000 + UInt64(number) << 16, low: 0x8000_0000_0000_0000 + UInt64(number))
}
