import Lifecycle
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PeriodicTaskTests {
    @Test func worksAgainAndAgainUntilItIsShutDown() async throws {
        let (turns, sink) = AsyncStream<Void>.makeStream()
        let task = PeriodicTask("test", every: .milliseconds(1)) { sink.yield() }
        async let end: Void = task.run()
        var count = 0
        for await _ in turns {
            count += 1
            if count == 3 { break }
        }
        task.shutDown()
        await end
    }

    @Test func startsAtOnceIfItIsAskedTo() async {
        let (turns, sink) = AsyncStream<Void>.makeStream()
        let task = PeriodicTask("test", every: .seconds(3600), startsAtOnce: true) { sink.yield() }
        async let end: Void = task.run()
        for await _ in turns { break }
        task.shutDown()
        await end
    }

    @Test func breaksOffWhatIsUnderWay() async {
        let (begun, sink) = AsyncStream<Void>.makeStream()
        let task = PeriodicTask("test", every: .milliseconds(1)) {
            sink.yield()
            try? await Task.sleep(for: .seconds(3600))
        }
        async let end: Void = task.run()
        for await _ in begun { break }
        task.shutDown()
        await end
    }

    @Test func endsBeforeItsFirstTurn() async {
        let task = PeriodicTask("test", every: .seconds(3600)) { Issue.record("nobody asked for it") }
        task.shutDown()
        await task.run()
    }
}
