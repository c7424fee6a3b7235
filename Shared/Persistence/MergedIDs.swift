/// The ids of all shards, oldest first, as far as somebody asks for them: each shard's are sorted already.
struct MergedIDs {
    private var shards: [ArraySlice<String>]

    init(_ shards: [IndexRecord], after id: String?) {
        self.shards = shards.map { $0.ids(after: id) }.filter { !$0.isEmpty }
    }

    var isEmpty: Bool { shards.isEmpty }

    /// The next ones, at most `count`, without taking them.
    func peek(_ count: Int) -> [String] {
        var rest = self
        var ids: [String] = []
        while ids.count < count, let id = rest.popFirst() { ids.append(id) }
        return ids
    }

    @discardableResult
    mutating func popFirst() -> String? {
        var oldest: (shard: Int, id: String)?
        for (shard, ids) in shards.enumerated() {
            if let id = ids.first, oldest.map({ id < $0.id }) ?? true { oldest = (shard, id) }
        }
        guard let oldest else { return nil }
        shards[oldest.shard].removeFirst()
        if shards[oldest.shard].isEmpty { shards.remove(at: oldest.shard) }
        return oldest.id
    }
}
