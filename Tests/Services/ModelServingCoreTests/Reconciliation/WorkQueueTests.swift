import Domain
import Testing

@testable import ModelServingCore

@Suite struct WorkQueueTests {
    let first = ModelServiceID(UUIDv7(high: 1, low: 1))
    let second = ModelServiceID(UUIDv7(high: 1, low: 2))
    let start = Timestamp(millisecondsSinceEpoch: 0)

    @Test func givesWhatIsDueTheLongestDueFirst() {
        var queue = WorkQueue()
        queue.add(second, at: start)
        queue.add(first, at: start + .seconds(1))
        #expect(queue.take(at: start, limit: 9).map(\.id) == [second])
        #expect(queue.nextDue == start + .seconds(1))
        queue.add(first, at: start + .seconds(5))
        #expect(queue.nextDue == start + .seconds(1), "the earlier of two wishes counts")
        #expect(queue.take(at: start + .seconds(2), limit: 0).isEmpty)
        #expect(queue.take(at: start + .seconds(2), limit: 9).map(\.id) == [first])
        #expect(queue.lookCount == 2)
    }

    @Test func looksOnceMoreAtWhatChangedMeanwhile() {
        var queue = WorkQueue()
        queue.add(first, at: start)
        #expect(queue.take(at: start, limit: 9).count == 1)
        queue.add(first, at: start)
        #expect(queue.take(at: start, limit: 9).isEmpty, "one look at a time")
        queue.finish(first, next: nil)
        #expect(queue.take(at: start, limit: 9).map(\.id) == [first])
        queue.finish(first, next: nil)
        #expect(queue.nextDue == nil)
    }

    @Test func comesBackLaterAndLaterAfterFailures() {
        var queue = WorkQueue()
        queue.add(first, at: start, isRecovering: true)
        var now = start
        for seconds in [1, 2, 4, 8] {
            #expect(queue.take(at: now, limit: 1).map(\.isRecovering) == [true], "what was not done is still to do")
            queue.fail(first, wasRecovering: true, at: now, policy: ReconciliationPolicy(), random: 0)
            #expect(queue.nextDue == now + .seconds(seconds))
            now = now + .seconds(seconds)
        }
        #expect(queue.take(at: now, limit: 1).count == 1)
        queue.finish(first, next: now)
        #expect(queue.take(at: now, limit: 1).map(\.isRecovering) == [false])
        #expect(queue.lookCount == 1)
    }

    @Test func forgetsWhatIsNoLongerItsOwn() {
        var queue = WorkQueue()
        queue.add(first, at: start)
        queue.add(second, at: start, isRecovering: true)
        #expect(queue.take(at: start, limit: 1).map(\.id) == [first])
        queue.add(first, at: start)
        queue.drop { _ in true }
        #expect(Array(queue.beingLookedAt) == [first], "a look in hand goes on")
        #expect(queue.nextDue == nil)
        queue.finish(first, next: nil)
        #expect(queue.lookCount == 0)
        #expect(queue.take(at: start + .seconds(60), limit: 9).isEmpty)
    }
}
