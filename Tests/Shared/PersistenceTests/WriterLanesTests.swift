import Domain
import Persistence
import TestSupport
import Testing

struct WriterLanesTests {
    let lanes = WriterLanes(clock: StillClock())

    @Test func letsOneWriterInAtATime() async throws {
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask { [lanes] in
                    let names = number.isMultiple(of: 2) ? ["a", "b"] : ["b", "a", "b"]
                    try await lanes.withTurn(names) {
                        await room.visit()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await room.mostAtOnce == 1)
    }

    @Test func keepsDifferentRecordsApart() async throws {
        try await lanes.withTurn(["a"]) { () async throws(ServiceError) in
            try await lanes.withTurn(["b"]) {}
        }
    }

    @Test func letsACancelledWriterLeaveTheLine() async throws {
        let waiter = try await lanes.withTurn(["a"]) { [lanes] in
            let waiter = Task { try await lanes.withTurn(["a"]) {} }
            waiter.cancel()
            return (await waiter.result, true)
        }
        #expect(throws: ServiceError.self) { try waiter.0.get() }
        try await lanes.withTurn(["a"]) {}
    }

    @Test func waitsOnlySoLong() async throws {
        let lanes = WriterLanes(clock: HastyClock())
        let busy = ServiceError.conflict(code: "busy", message: "later")
        try await lanes.withTurn(["a"]) { () async throws(ServiceError) -> Void in
            _ = await #expect(throws: busy) { try await lanes.withTurn(["a"], busy: busy) {} }
        }
        try await lanes.withTurn(["a"]) {}
    }

    @Test func passesTheTurnOnAfterAnError() async throws {
        await #expect(throws: ServiceError.self) {
            try await lanes.withTurn(["a"]) { () async throws(ServiceError) in throw .deadlineExceeded("x") }
        }
        try await lanes.withTurn(["a"]) {}
    }
}

/// Counts who is inside at the same time.
private actor Room {
    private var inside = 0
    private(set) var mostAtOnce = 0

    func visit() async {
        inside += 1
        mostAtOnce = max(mostAtOnce, inside)
        await Task.yield()
        inside -= 1
    }
}
