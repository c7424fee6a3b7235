import TestSupport
import Testing

@testable import EventLoop

@Suite struct TimerQueueTests {
    private func at(_ nanoseconds: UInt64) -> LoopInstant { LoopInstant(nanoseconds: nanoseconds) }

    @Test func firesInOrderOfTime() {
        var queue = TimerQueue<String>()
        _ = queue.schedule("third", at: at(30))
        _ = queue.schedule("first", at: at(10))
        _ = queue.schedule("second", at: at(20))
        #expect(queue.nextDeadline == at(10))
        let fired = [9, 25, 25, 25, 30].map { queue.popDue(at($0))?.target }
        #expect(fired == [nil, "first", "second", nil, "third"])
        #expect(queue.nextDeadline == nil)
    }

    @Test func cancelsOnceAndOnlyItsOwn() {
        var queue = TimerQueue<String>()
        let timer = queue.schedule("a", at: at(1))
        let cancelled = [queue.cancel(timer), queue.cancel(timer)]
        #expect(cancelled == [true, false])
        let other = queue.schedule("b", at: at(2))
        let cancelledOther = queue.cancel(timer)
        #expect(!cancelledOther, "the slot now holds another timer")
        let fired = queue.popDue(at(2))?.target
        #expect(fired == "b")
        let cancelledLate = queue.cancel(other)
        #expect(!cancelledLate)
    }

    @Test func agreesWithASortedListUnderRandomUse() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var queue = TimerQueue<Int>()
            var expected: [(timer: LoopTimer, deadline: UInt64, target: Int)] = []
            for step in 0..<500 {
                switch Int.random(in: 0..<4, using: &generator) {
                case 0, 1:
                    // Distinct times, so that the order is determined.
                    let deadline = UInt64.random(in: 0..<1000, using: &generator) * 1000 + UInt64(step)
                    expected.append((queue.schedule(step, at: at(deadline)), deadline, step))
                case 2 where !expected.isEmpty:
                    let index = Int.random(in: 0..<expected.count, using: &generator)
                    let cancelled = queue.cancel(expected.remove(at: index).timer)
                    #expect(cancelled, "seed \(seed)")
                default:
                    let first = expected.min { $0.deadline < $1.deadline }
                    let fired = queue.popDue(at(.max))?.target
                    #expect(fired == first?.target, "seed \(seed)")
                    expected.removeAll { $0.target == first?.target }
                }
                #expect(queue.count == expected.count)
            }
        }
    }
}
