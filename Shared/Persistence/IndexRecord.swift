import Domain

/// The ids of a kind's entities in one shard, sorted, which is in the order of their creation.
public struct IndexRecord: StateRecord, Hashable {
    public private(set) var ids: [String]

    public init(ids: [String] = []) { self.ids = ids.sorted() }

    /// - Returns: whether it was new.
    public mutating func insert(_ id: String) -> Bool {
        let position = position(of: id)
        guard position == ids.count || ids[position] != id else { return false }
        ids.insert(id, at: position)
        return true
    }

    /// - Returns: whether it was there.
    public mutating func remove(_ id: String) -> Bool {
        let position = position(of: id)
        guard position < ids.count, ids[position] == id else { return false }
        ids.remove(at: position)
        return true
    }

    public func contains(_ id: String) -> Bool {
        let position = position(of: id)
        return position < ids.count && ids[position] == id
    }

    /// The ids behind `id`, from the oldest on.
    public func ids(after id: String?) -> ArraySlice<String> {
        guard let id else { return ids[...] }
        let position = position(of: id)
        return ids[(position < ids.count && ids[position] == id ? position + 1 : position)...]
    }

    /// Where `id` is, or would be.
    private func position(of id: String) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Who has a name.
public struct NameRecord: StateRecord, Hashable {
    public let id: String

    public init(id: String) { self.id = id }
}
