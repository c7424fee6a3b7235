/// A queue of bytes in one piece of memory: appended at the end, consumed from the front.
public struct ByteBuffer: Sendable {
    /// Holds the queued bytes at `unread`; what lies around them is undefined.
    public internal(set) var storage: [UInt8]
    private var start = 0
    private var end = 0
    private let initialCapacity: Int

    /// - Parameter initialCapacity: In bytes; allocated when the first byte comes.
    public init(initialCapacity: Int = 4096) {
        self.initialCapacity = initialCapacity
        storage = []
    }

    public var unread: Range<Int> { start..<end }
    public var count: Int { end - start }
    public var isEmpty: Bool { start == end }

    public mutating func consume(_ count: Int) {
        precondition(count <= self.count, "consumed more than there is")
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    public mutating func clear() {
        start = 0
        end = 0
    }

    /// Gives the memory back if nothing is queued.
    public mutating func releaseMemory() {
        if isEmpty { storage = [] }
    }

    public mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        reserve(range.count)
        storage.replaceSubrange(end..<end + range.count, with: bytes[range])
        end += range.count
    }

    /// Makes room for so many bytes behind the queued ones.
    mutating func reserve(_ count: Int) {
        guard storage.count - end < count else { return }
        if start > 0 {
            let queued = self.count
            for offset in 0..<queued { storage[offset] = storage[start + offset] }
            start = 0
            end = queued
        }
        guard storage.count - end < count else { return }
        var capacity = max(storage.count, initialCapacity)
        while capacity - end < count { capacity *= 2 }
        storage.append(contentsOf: repeatElement(0, count: capacity - storage.count))
    }

    /// Where the next bytes go.
    var writable: Range<Int> { end..<storage.count }

    mutating func wrote(_ count: Int) { end += count }
}
