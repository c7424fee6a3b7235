/// A queue of bytes in one piece of memory: appended at the end, consumed from the front.
///
/// A class, because a connection's buffer is used in place, many times for each request: in a `struct` every use would
/// be an access to the connection that the runtime has to check for overlaps.
public final class ByteBuffer {
    private var storage: [UInt8] = []
    private var start = 0
    private var end = 0
    private let initialCapacity: Int

    /// - Parameter initialCapacity: In bytes; allocated when the first byte comes.
    public init(initialCapacity: Int = 4096) { self.initialCapacity = initialCapacity }

    /// Holds the queued bytes at `unread`; what lies around them is undefined.
    public var bytes: [UInt8] { storage }
    public var unread: Range<Int> { start..<end }
    public var count: Int { end - start }
    public var isEmpty: Bool { start == end }

    public func consume(_ count: Int) {
        precondition(count <= end - start, "consumed more than there is")
        start += count
        if start == end { clear() }
    }

    /// Consumes the next bytes and hands them over.
    public func take(_ count: Int) -> [UInt8] {
        precondition(count <= end - start, "took more than there is")
        let taken = Array(storage[start..<start + count])
        consume(count)
        return taken
    }

    public func clear() {
        start = 0
        end = 0
    }

    /// Gives memory back that was only needed for something large, if nothing is queued.
    public func trim() {
        if start == end, storage.count > 4 * initialCapacity { storage = [] }
    }

    public func append(_ bytes: [UInt8], _ range: Range<Int>) {
        reserve(range.count)
        storage.replaceSubrange(end..<end + range.count, with: bytes[range])
        end += range.count
    }

    /// Lets `fill` write behind what is queued.
    /// - Parameter room: The least room that `fill` gets.
    /// - Parameter fill: Returns how many bytes it wrote; nothing counts as written if that is negative.
    func write(room: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> (count: Int, room: Int) {
        reserve(room)
        let free = end..<storage.count
        let count = unsafe storage.withUnsafeMutableBytes { unsafe fill(.init(rebasing: $0[free])) }
        precondition(count <= free.count, "wrote more than there was room for")
        end += max(0, count)
        return (count, free.count)
    }

    private func reserve(_ count: Int) {
        guard storage.count - end < count else { return }
        if start > 0 {
            let queued = start..<end
            unsafe storage.withUnsafeMutableBytes {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[queued]))
            }
            start = 0
            end = queued.count
        }
        guard storage.count - end < count else { return }
        var capacity = max(storage.count, initialCapacity)
        while capacity - end < count { capacity *= 2 }
        storage.append(contentsOf: repeatElement(0, count: capacity - storage.count))
    }
}
