import Domain
import Synchronization

/// One writer at a time, within this process, for each of the records that many want at once. The rest wait in line
/// instead of losing against each other; other replicas are told apart by ETags.
public final class WriterLanes: Sendable {
    /// Writers waiting for one record at most; the next is told to come back.
    public static let maximumWaiting = 1024
    /// How long one waits.
    public static let maximumWait = Duration.seconds(10)

    private typealias Turn = CheckedContinuation<Bool, Never>

    private struct Lane {
        var waiting: [(number: UInt64, turn: Turn)] = []
    }

    private struct State {
        /// The lanes in which somebody is writing.
        var lanes: [String: Lane] = [:]
        /// Those who gave up before they stood in line.
        var gone: Set<UInt64> = []
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())
    private let clock: any Clock<Duration>

    public init(clock: any Clock<Duration> = ContinuousClock()) {
        self.clock = clock
    }

    /// Runs `body` while no other writer has any of the lanes `names`.
    /// - Parameter busy: what to throw if the turn does not come in time; nil for a plain "try again".
    public func withTurn<Answer: Sendable>(
        _ names: [String], busy: ServiceError? = nil, _ body: () async throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer {
        // Always in the same order, or two writers could wait for each other.
        let names = Set(names).sorted()
        var taken: [String] = []
        defer { for name in taken.reversed() { release(name) } }
        for name in names {
            guard await take(name) else {
                throw busy
                    ?? .unavailable(
                        code: "too_busy", message: "Too many changes to the same thing are waiting.",
                        retryAfter: .seconds(1))
            }
            taken.append(name)
        }
        return try await body()
    }

    private func take(_ name: String) async -> Bool {
        let number: UInt64? = state.withLock { state in
            guard state.lanes[name] != nil else {
                state.lanes[name] = Lane()
                return nil
            }
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return true }
        defer { state.withLock { _ = $0.gone.remove(number) } }
        return await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await self.stand(in: name, number) }
            group.addTask { [clock] in
                try? await clock.sleep(for: Self.maximumWait)
                return nil
            }
            while let outcome = await group.next() {
                if let gotTurn = outcome {
                    group.cancelAll()
                    return gotTurn
                }
                leave(name, number)
            }
            return false
        }
    }

    /// - Returns: false if the line is too long, or `leave` came first.
    private func stand(in name: String, _ number: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (turn: Turn) in
                let verdict: Bool? = state.withLock { state in
                    if state.gone.remove(number) != nil { return false }
                    guard let lane = state.lanes[name] else {
                        state.lanes[name] = Lane()
                        return true
                    }
                    guard lane.waiting.count < Self.maximumWaiting else { return false }
                    state.lanes[name]?.waiting.append((number, turn))
                    return nil
                }
                if let verdict { turn.resume(returning: verdict) }
            }
        } onCancel: {
            leave(name, number)
        }
    }

    private func leave(_ name: String, _ number: UInt64) {
        let turn: Turn? = state.withLock { state in
            guard let index = state.lanes[name]?.waiting.firstIndex(where: { $0.number == number }) else {
                state.gone.insert(number)
                return nil
            }
            return state.lanes[name]?.waiting.remove(at: index).turn
        }
        turn?.resume(returning: false)
    }

    private func release(_ name: String) {
        let turn: Turn? = state.withLock { state in
            guard state.lanes[name]?.waiting.isEmpty == false else {
                state.lanes[name] = nil
                return nil
            }
            return state.lanes[name]?.waiting.removeFirst().turn
        }
        turn?.resume(returning: true)
    }
}
