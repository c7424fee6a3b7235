/// Ids of some entities of one shard, few enough to be in one record: those with something left to do.
public struct IDListRecord: StateRecord, Hashable {
    private var list = SortedIDs()

    public init() {}

    public var ids: [String] { list.all }

    /// - Returns: whether it was new.
    public mutating func insert(_ id: String) -> Bool { list.insert(id) }

    /// - Returns: whether it was there.
    public mutating func remove(_ id: String) -> Bool { list.remove(id) }

    public func contains(_ id: String) -> Bool { list.contains(id) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        list = SortedIDs(try container.decode([String].self, forKey: .ids))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(list.all, forKey: .ids)
    }

    private enum CodingKeys: String, CodingKey {
        case ids
    }
}
