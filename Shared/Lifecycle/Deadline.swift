import Synchronization

/// Whether `work` finishes within `duration`. If it does not, it is left to itself and false is returned.
public func finishes(within duration: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
    let race = FirstResult<Bool>()
    let worker = Task {
        await work()
        race.settle(true)
    }
    let timer = Task {
        try await Task.sleep(for: duration)
        race.settle(false)
    }
    let inTime = await race.value()
    timer.cancel()
    if !inTime { worker.cancel() }
    return inTime
}

/// Waits for `operation`, but not longer than the waiting task lives: cancelling the waiter ends the wait with
/// `CancellationError` and leaves the operation alone.
func withEarlyReturn(_ operation: @escaping @Sendable () async throws -> Void) async throws {
    let race = FirstResult<Result<Void, any Error>>()
    Task {
        do {
            try await operation()
            race.settle(.success(()))
        } catch {
            race.settle(.failure(error))
        }
    }
    try await withTaskCancellationHandler {
        await race.value()
    } onCancel: {
        race.settle(.failure(CancellationError()))
    }.get()
}

/// A value that several may offer, of which the first counts, and one waits for.
final class FirstResult<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiter: CheckedContinuation<Value, Never>?
    }

    private let state = Mutex(State())

    func settle(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if state.value == nil { state.waiter = continuation }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
