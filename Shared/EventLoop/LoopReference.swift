/// A name, fit to be passed around, for an object that lives on a loop and cannot leave it.
///
/// Body streams and cancellation handlers hold one: from anywhere it leads back to the loop, and there to the object,
/// or to nothing once the object has been released.
public struct LoopReference<Object: AnyObject>: Sendable {
    public let loop: EventLoop
    private let slot: Int32
    private let generation: UInt32

    /// Keeps `object` until `release`.
    public init(_ object: Object, on loop: isolated EventLoop) {
        self.loop = loop
        (slot, generation) = loop.objects.insert(object)
    }

    /// - Precondition: `loop` is the loop that the object lives on.
    public func object(on loop: isolated EventLoop) -> Object? {
        precondition(loop === self.loop, "an object of another loop")
        // Only `init` fills the slot, with an `Object`.
        return loop.objects.object(slot, generation).map { unsafe unsafeDowncast($0, to: Object.self) }
    }

    public func release(on loop: isolated EventLoop) { loop.objects.remove(slot, generation) }

    /// Runs `body` on the loop: at once if this is its thread, else soon. Does nothing if the object is gone by then.
    public func perform(_ body: @escaping @Sendable (Object, isolated EventLoop) -> Void) {
        if loop.executor.isCurrent {
            loop.assumeIsolated { loop in
                if let object = object(on: loop) { body(object, loop) }
            }
        } else {
            Task(executorPreference: loop.executor) {
                await loop.run { loop in
                    if let object = object(on: loop) { body(object, loop) }
                }
            }
        }
    }
}

/// The objects of one loop that are referred to from elsewhere.
struct ObjectTable {
    private struct Entry {
        var object: AnyObject?
        var generation: UInt32 = 0
    }

    private var entries: [Entry] = []
    private var free: [Int32] = []

    mutating func insert(_ object: AnyObject) -> (slot: Int32, generation: UInt32) {
        let slot = free.popLast() ?? Int32(entries.count)
        if Int(slot) == entries.count { entries.append(Entry()) }
        entries[Int(slot)].object = object
        return (slot, entries[Int(slot)].generation)
    }

    func object(_ slot: Int32, _ generation: UInt32) -> AnyObject? {
        guard Int(slot) < entries.count, entries[Int(slot)].generation == generation else { return nil }
        return entries[Int(slot)].object
    }

    mutating func remove(_ slot: Int32, _ generation: UInt32) {
        guard object(slot, generation) != nil else { return }
        entries[Int(slot)].object = nil
        entries[Int(slot)].generation &+= 1
        free.append(slot)
    }
}
