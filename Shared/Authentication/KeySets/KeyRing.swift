import Domain
import Synchronization

/// The keys of an issuer: loaded when they are needed, and again when they are old or a token names one that is not
/// known. Whoever needs them at the same time waits for the same attempt.
public final class KeyRing: Sendable {
    /// What is worth a line in the log.
    public enum Event: Hashable, Sendable {
        case loaded(keys: Int, haveSecrets: Bool)
        /// Told once, until it changes or is over.
        case failed(KeySetFailure)
    }

    private struct RetiredKey {
        let key: JSONWebKey
        let until: Timestamp
    }

    private struct State {
        var keys: JSONWebKeySet?
        var retired: [RetiredKey] = []
        var loadedAt: Timestamp?
        var attemptedAt: Timestamp?
        var attempt: Task<Void, Never>?
        /// Of the last attempt.
        var failure: KeySetFailure?
    }

    private let source: any KeySetSource
    private let times: KeyRefreshTimes
    private let now: @Sendable () -> Timestamp
    private let report: @Sendable (Event) -> Void
    private let state = Mutex(State())

    public init(
        _ source: any KeySetSource, times: KeyRefreshTimes, now: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.source = source
        self.times = times
        self.now = now
        self.report = report
    }

    /// The keys to check a token with; behind them, if there are some, those that are good only for a while yet.
    /// - Parameter isKeyMissing: the keys were asked for just now, and have not the one that is needed.
    /// - Throws: `KeySetFailure` if there never were any, or it was too long ago.
    public func keySets(whileMissingOne isKeyMissing: Bool = false) async throws(KeySetFailure) -> [JSONWebKeySet] {
        await attempt(isKeyMissing: isKeyMissing)?.value
        let now = now()
        let (keys, retired, failure) = state.withLock { state in
            let isTooOld = state.loadedAt.map { now - $0 > times.lifetime } ?? true
            return (isTooOld ? nil : state.keys, state.retired, state.failure)
        }
        guard let keys else { throw failure ?? KeySetFailure("the keys of the issuer have not been loaded yet") }
        let still = retired.filter { $0.until > now }.map(\.key)
        return still.isEmpty ? [keys] : [keys, JSONWebKeySet(still)]
    }

    /// The attempt to wait for, begun if need be; nil for who can go on with the keys that there are.
    private func attempt(isKeyMissing: Bool) -> Task<Void, Never>? {
        let now = now()
        return state.withLock { state in
            // After a failure those who have keys do not wait for what may fail again.
            let waits = isKeyMissing || state.keys == nil || state.failure == nil
            if let attempt = state.attempt { return waits ? attempt : nil }
            guard isKeyMissing || isDue(state.loadedAt, every: times.interval, at: now),
                isDue(state.attemptedAt, every: times.pause, at: now)
            else { return nil }
            state.attemptedAt = now
            let attempt = Task { await self.load() }
            state.attempt = attempt
            return waits ? attempt : nil
        }
    }

    /// A clock that was set back makes it due too.
    private func isDue(_ last: Timestamp?, every interval: Duration, at now: Timestamp) -> Bool {
        guard let last else { return true }
        return now - last >= interval || now < last
    }

    private func load() async {
        let result: Result<JSONWebKeySet, KeySetFailure>
        do throws(KeySetFailure) {
            result = .success(try await source.load())
        } catch {
            result = .failure(error)
        }
        let now = now()
        let event = state.withLock { state -> Event? in
            state.attempt = nil
            switch result {
            case .success(let keys): return accept(keys, &state, at: now)
            case .failure(let failure):
                defer { state.failure = failure }
                return state.failure == failure ? nil : .failed(failure)
            }
        }
        if let event { report(event) }
    }

    private func accept(_ keys: JSONWebKeySet, _ state: inout State, at now: Timestamp) -> Event? {
        let isNews = state.failure != nil || state.keys?.keys != keys.keys
        let gone = (state.keys?.keys ?? []).map { RetiredKey(key: $0, until: now + times.overlap) }
        // A key that comes again under its id, or is there again, is what the set says that it is.
        state.retired = (gone + state.retired).filter { old in
            old.until > now
                && !keys.keys.contains { $0 == old.key || ($0.id != nil && $0.id == old.key.id) }
        }
        state.retired = Array(state.retired.prefix(JSONWebKeySet.maximumKeys))
        state.keys = keys
        state.loadedAt = now
        state.failure = nil
        return isNews ? .loaded(keys: keys.keys.count, haveSecrets: keys.keys.contains(where: \.isSecret)) : nil
    }
}
