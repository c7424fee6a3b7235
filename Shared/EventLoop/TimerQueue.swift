/// Timers ordered by time: a binary heap whose entries know their place, so that scheduling and cancelling take
/// O(log n) and the next deadline O(1).
struct TimerQueue<Target> {
    private struct Slot {
        var target: Target?
        var deadline = LoopInstant.distantFuture
        var generation: UInt32 = 0
        var heapIndex = 0
    }

    private var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    private var heap: [Int32] = []

    var count: Int { heap.count }

    var nextDeadline: LoopInstant? { heap.first.map { slots[Int($0)].deadline } }

    mutating func schedule(_ target: Target, at deadline: LoopInstant) -> LoopTimer {
        let slot = freeSlots.popLast() ?? Int32(slots.count)
        if Int(slot) == slots.count { slots.append(Slot()) }
        slots[Int(slot)].target = target
        slots[Int(slot)].deadline = deadline
        heap.append(slot)
        siftUp(heap.count - 1)
        return LoopTimer(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// - Returns: whether it was still to come.
    @discardableResult
    mutating func cancel(_ timer: LoopTimer) -> Bool {
        let slot = Int(timer.slot)
        guard slot < slots.count, slots[slot].generation == timer.generation, slots[slot].target != nil else {
            return false
        }
        removeFromHeap(slots[slot].heapIndex)
        release(slot)
        return true
    }

    /// Takes out the next timer if it is due.
    mutating func popDue(_ now: LoopInstant) -> (timer: LoopTimer, target: Target)? {
        guard let first = heap.first, slots[Int(first)].deadline <= now, let target = slots[Int(first)].target else {
            return nil
        }
        let timer = LoopTimer(slot: first, generation: slots[Int(first)].generation)
        removeFromHeap(0)
        release(Int(first))
        return (timer, target)
    }

    private mutating func release(_ slot: Int) {
        slots[slot].target = nil
        slots[slot].generation &+= 1
        freeSlots.append(Int32(slot))
    }

    private mutating func removeFromHeap(_ index: Int) {
        let last = heap.count - 1
        if index != last {
            place(heap[last], at: index)
            heap.removeLast()
            siftDown(index)
            siftUp(index)
        } else {
            heap.removeLast()
        }
    }

    private mutating func place(_ slot: Int32, at index: Int) {
        heap[index] = slot
        slots[Int(slot)].heapIndex = index
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        slots[Int(heap[left])].deadline < slots[Int(heap[right])].deadline
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        let slot = heap[left]
        place(heap[right], at: left)
        place(slot, at: right)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        slots[Int(heap[index])].heapIndex = index
        while index > 0 {
            let parent = (index - 1) / 2
            guard isEarlier(index, parent) else { return }
            exchange(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var earliest = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && isEarlier(child, earliest) {
                earliest = child
            }
            guard earliest != index else { return }
            exchange(index, earliest)
            index = earliest
        }
    }
}
