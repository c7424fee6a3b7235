import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1))) struct LoopClockTests {
    let group = EventLoopGroup(count: 1)

    @Test(arguments: [true, false]) func sleepsUntilItIsTime(isOnALoop: Bool) async throws {
        let clock = LoopClock(group)
        let start = clock.now
        let sleeper = Task(executorPreference: isOnALoop ? group.next().executor : nil) {
            try await clock.sleep(for: .milliseconds(20))
        }
        try await sleeper.value
        #expect(start.duration(to: clock.now) >= .milliseconds(20))
        await group.shutdown()
    }

    @Test(arguments: [true, false]) func endsWithItsTask(isOnALoop: Bool) async {
        let clock = LoopClock(group)
        let sleeper = Task(executorPreference: isOnALoop ? group.next().executor : nil) {
            try await clock.sleep(for: .seconds(3600))
        }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        await group.shutdown()
    }

    @Test func doesNotSleepUntilWhatHasPassed() async throws {
        let clock = LoopClock(group)
        try await clock.sleep(until: clock.now - .seconds(1), tolerance: nil)
        await group.shutdown()
    }
}
