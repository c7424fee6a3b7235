import EventLoop
import Glibc
import Synchronization
import Testing

@Suite struct EventLoopTests {
    @Test func runsWorkOnItsOwnThread() async {
        let group = EventLoopGroup(count: 2)
        for loop in group.loops {
            let isThere = await loop.run { $0.executor.isCurrent && EventLoop.current === $0 }
            #expect(isThere)
        }
        #expect(EventLoop.current == nil)
        await group.shutdown()
    }

    @Test func givesItsLoopsInTurn() async {
        let group = EventLoopGroup(count: 3)
        let names = (0..<6).map { _ in ObjectIdentifier(group.next()) }
        #expect(Set(names).count == 3)
        #expect(Array(names[..<3]) == Array(names[3...]))
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1)))
    func keepsATaskOnItsThreadWheneverItWaits() async {
        let group = EventLoopGroup(count: 1)
        let loop = group.next()
        let strays = await Task(executorPreference: loop.executor) {
            var strays = 0
            func note() { if !loop.executor.isCurrent { strays += 1 } }
            for _ in 0..<100 {
                note()
                await Task.yield()
                note()
                try? await loop.sleep(for: .microseconds(10))
                note()
                await withCheckedContinuation { continuation in
                    Thread.start { continuation.resume() }
                }
                note()
            }
            return strays
        }.value
        #expect(strays == 0)
        await group.shutdown()
    }

    @Test func sleepsAtLeastAsLongAsAsked() async throws {
        let group = EventLoopGroup(count: 1)
        let slept = try await group.next().run { loop in
            let start = ContinuousClock.now
            try await loop.sleep(for: .milliseconds(20))
            return ContinuousClock.now - start
        }
        #expect(slept >= .milliseconds(20))
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1)))
    func stopsSleepingWhenCancelled() async {
        let group = EventLoopGroup(count: 1)
        let loop = group.next()
        let task = Task { try await loop.sleep(for: .seconds(3600)) }
        await Task.yield()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1)))
    func callsWhoWaitsForASignalInItsTurn() async {
        let group = EventLoopGroup(count: 1)
        let waiting = await group.next().run { loop in
            let waiting = Waiting()
            waiting.signal.notify(waiting, on: loop)
            #expect(waiting.signal.isAwaited)
            waiting.signal.fire()
            // Nobody waits any more.
            waiting.signal.fire()
            #expect(waiting.calls.withLock { $0 } == 0)
            return waiting.calls
        }
        while waiting.withLock({ $0 }) == 0 { await Task.yield() }
        await group.shutdown()
        #expect(waiting.withLock { $0 } == 1)
    }

    private final class Waiting: SignalHandler {
        let signal = LoopSignal()
        let calls = Calls()

        func signalled(on loop: isolated EventLoop) { calls.withLock { $0 += 1 } }
    }

    private final class Calls: Sendable {
        private let count = Mutex(0)

        func withLock<Value>(_ body: (inout sending Int) -> sending Value) -> sending Value { count.withLock(body) }
    }

    @Test(.timeLimit(.minutes(1)))
    func waitsUntilSomethingCanBeRead() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.next()
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let task = Task { try await loop.waitReadable(reading) }
        #expect(write(writing, "x", 1) == 1)
        try await task.value

        var byte: UInt8 = 0
        #expect(read(reading, &byte, 1) == 1)
        let cancelled = Task { try await loop.waitReadable(reading) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }

        let closed = Task { try await loop.waitReadable(reading) }
        close(writing)
        try await closed.value
        close(reading)
        await group.shutdown()
    }

    @Test func referencesLeadBackUntilReleased() async {
        final class Object {
            var count = 0
        }
        let group = EventLoopGroup(count: 1)
        let loop = group.next()
        let reference = await loop.run { LoopReference(Object(), on: $0) }
        await withCheckedContinuation { continuation in
            reference.perform { object, _ in
                object.count += 1
                continuation.resume()
            }
        }
        let count = await loop.run { reference.object(on: $0)?.count }
        #expect(count == 1)
        let isGone = await loop.run { loop in
            reference.release(on: loop)
            let other = LoopReference(Object(), on: loop)
            defer { other.release(on: loop) }
            return reference.object(on: loop) == nil && other.object(on: loop) != nil
        }
        #expect(isGone, "the slot was reused, but not the name")
        await group.shutdown()
    }

    @Test func hasOneObjectPerLoop() async {
        final class Object {}
        let group = EventLoopGroup(count: 2)
        let local = LoopLocal<Object>()
        var seen: Set<ObjectIdentifier> = []
        for loop in group.loops + group.loops {
            seen.insert(await loop.run { loop in ObjectIdentifier(local.object(on: loop) { Object() }) })
        }
        #expect(seen.count == 2)
        await group.shutdown()
    }
}

/// A thread that is neither a loop's nor the pool's.
private enum Thread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work)
        precondition(result == 0)
        pthread_detach(thread)
    }
}
