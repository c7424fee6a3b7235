import ModelServingCore
import Synchronization

/// Lets one task at a time have a digest.
final class DigestTurns: Sendable {
    private struct Lane {
        var waiting: [(number: Int, turn: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var lanes: [String: Lane] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    func take(_ digest: String) async throws(Failure) {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { turn in
                let verdict = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    guard state.lanes[digest] != nil else {
                        state.lanes[digest] = Lane()
                        return true
                    }
                    state.lanes[digest]?.waiting.append((number, turn))
                    return nil
                }
                if let verdict { turn.resume(returning: verdict) }
            }
        } onCancel: {
            let turn = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.lanes[digest]?.waiting.firstIndex(where: { $0.number == number }) else {
                    return nil
                }
                return state.lanes[digest]?.waiting.remove(at: index).turn
            }
            turn?.resume(returning: false)
        }
        guard isMine else { throw Failure(.internalFault, "waiting for the model file was given up") }
    }

    func release(_ digest: String) {
        let turn = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.lanes[digest]?.waiting.isEmpty == false else {
                state.lanes[digest] = nil
                return nil
            }
            return state.lanes[digest]?.waiting.removeFirst().turn
        }
        turn?.resume(returning: true)
    }
}
