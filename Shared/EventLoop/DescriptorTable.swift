/// Who minds which descriptor, found by its number.
struct DescriptorTable {
    private struct Entry {
        var handler: (any DescriptorHandler)?
        var generation: UInt32 = 0
    }

    private static let growth = 64

    private var entries: [Entry] = []

    /// - Returns: the generation, which tells this watch from earlier ones of the same number.
    mutating func insert(_ handler: any DescriptorHandler, for descriptor: Int32) -> UInt32 {
        let index = Int(descriptor)
        if index >= entries.count {
            entries.append(contentsOf: repeatElement(Entry(), count: index + Self.growth - entries.count))
        }
        precondition(entries[index].handler == nil, "descriptor \(descriptor) is watched twice")
        entries[index].handler = handler
        entries[index].generation &+= 1
        return entries[index].generation
    }

    func handler(_ descriptor: Int32, _ generation: UInt32) -> (any DescriptorHandler)? {
        let index = Int(descriptor)
        guard index < entries.count, entries[index].generation == generation else { return nil }
        return entries[index].handler
    }

    func generation(of descriptor: Int32) -> UInt32? {
        let index = Int(descriptor)
        guard index < entries.count, entries[index].handler != nil else { return nil }
        return entries[index].generation
    }

    @discardableResult
    mutating func remove(_ descriptor: Int32) -> Bool {
        let index = Int(descriptor)
        guard index < entries.count, entries[index].handler != nil else { return false }
        entries[index].handler = nil
        return true
    }
}
