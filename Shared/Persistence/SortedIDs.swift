/// Ids without doubles, sorted, which is in the order of their creation.
public struct SortedIDs: Hashable, Sendable {
    public private(set) var all: [String]

    public init() { all = [] }

    public init(_ ids: some Sequence<String>) {
        all = Array(ids)
        // As they are read, they are in order.
        guard zip(all, all.dropFirst()).contains(where: { $0 >= $1 }) else { return }
        all.sort()
        for index in all.indices.dropFirst().reversed() where all[index] == all[index - 1] { all.remove(at: index) }
    }

    public var count: Int { all.count }

    public var isEmpty: Bool { all.isEmpty }

    public var first: String? { all.first }

    /// - Returns: whether it was new.
    public mutating func insert(_ id: String) -> Bool {
        let position = position(of: id)
        guard position == all.count || all[position] != id else { return false }
        all.insert(id, at: position)
        return true
    }

    /// - Returns: whether it was there.
    public mutating func remove(_ id: String) -> Bool {
        let position = position(of: id)
        guard position < all.count, all[position] == id else { return false }
        all.remove(at: position)
        return true
    }

    /// Takes out the first ones, at most `count`.
    mutating func removeFirst(_ count: Int) -> SortedIDs {
        let taken = SortedIDs(sorted: Array(all.prefix(count)))
        all.removeFirst(taken.count)
        return taken
    }

    /// Those of both, of which all of `later` come behind these.
    func followed(by later: SortedIDs) -> SortedIDs { SortedIDs(sorted: all + later.all) }

    public func contains(_ id: String) -> Bool {
        let position = position(of: id)
        return position < all.count && all[position] == id
    }

    /// The ids behind `id`, from the oldest on.
    public func after(_ id: String?) -> ArraySlice<String> {
        guard let id else { return all[...] }
        let position = position(of: id)
        return all[(position < all.count && all[position] == id ? position + 1 : position)...]
    }

    private init(sorted: [String]) { all = sorted }

    /// Where `id` is, or would be.
    private func position(of id: String) -> Int {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SortedIDs: Codable {
    /// One string: it is read in a tenth of a list's time, and every page of a list reads some thousand ids.
    public init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    init(text: String) { self.init(text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }) }

    var text: String { all.joined(separator: " ") }

    /// Sixteen hexadecimal digits that tell these ids from others (FNV-1a): against mistakes, not against malice.
    var digest: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for id in all {
            for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0x20) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
