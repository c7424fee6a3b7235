import Domain

public enum PageLimits {
    /// Records read in one call while a page is put together.
    public static let recordsPerRead = 100
    /// A page ends early when the records read for it have this many bytes, so that one request cannot fill the
    /// memory.
    public static let bytesPerPage = 2 << 20
}

extension EntityCollection {
    /// A page of the entities that `isIncluded`, oldest first. An entity that is created or deleted meanwhile may or
    /// may not be in it; no other is missed or comes twice.
    /// - Throws: `.invalid` (`page_token`) if `page.after` is no id.
    public func page(
        _ page: PageRequest, where isIncluded: (Record) -> Bool = { _ in true }
    ) async throws(ServiceError) -> Page<Stored<Record>> {
        if let after = page.after, UUIDv7(after)?.description != after {
            throw .invalid("page_token", "is not from this list")
        }
        var rest = try await IndexListing(self, after: page.after)
        var found: [Stored<Record>] = []
        var last: String?
        var bytes = 0
        while bytes < PageLimits.bytesPerPage {
            let chunk = try await rest.peek(min(PageLimits.recordsPerRead, page.size))
            guard !chunk.isEmpty else { break }
            guard found.count < page.size else { return Page(elements: found, next: last) }
            let entries = try await records.entries(chunk.map { key($0).description })
            for id in chunk {
                guard found.count < page.size else { return Page(elements: found, next: last) }
                last = id
                rest.take(through: id)
                guard let stored = try entries[key(id)] else { continue }
                bytes += entries.size(of: key(id))
                if isIncluded(stored.record) { found.append(stored) }
            }
        }
        return Page(elements: found, next: rest.isAtEnd() ? nil : last)
    }

    /// The keys of the index's shards, for callers who read them together with other records.
    public var indexKeys: [String] { Shard.all.map { indexKey($0).description } }
}
