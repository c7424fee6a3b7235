import Domain
import Synchronization

/// What exists of a query, kept up to date by one list and one watch, so that looking costs nothing.
///
/// Of each object only a projection is kept. While the server does not answer, what was last known stays, and
/// `condition` says since when.
public final class ResourceCache<Value: Sendable & Equatable>: Sendable {
    /// Changes that an observer has not taken yet. Beyond these the oldest are dropped.
    public static var maximumPendingChanges: Int { 4096 }

    /// Something that happened to an entry.
    public enum Change: Sendable {
        /// It is new, or what is kept of it has changed.
        case changed(name: String, Value)
        case removed(name: String, Value)
        /// The first list is in, or the cache has caught up after the server was away.
        case synced
    }

    /// How far what is kept can be trusted.
    public enum Condition: Hashable, Sendable {
        /// Nothing is known yet.
        case starting
        /// As fresh as the watch.
        case current
        /// Not updated since then.
        case cutOff(since: Timestamp, KubernetesError)
    }

    let query: KubernetesQuery
    let client: KubernetesClient
    let timing: ResourceCacheTiming
    private let project: @Sendable (KubernetesObject) -> Value?
    private let group: @Sendable (Value) -> String?
    private let state = Mutex(State())

    private struct State {
        var values: [String: Value] = [:]
        var groups: [String: Set<String>] = [:]
        var currentSince: Timestamp?
        var cutOff: (since: Timestamp, reason: KubernetesError)?
        var observers: [Int: AsyncStream<Change>.Continuation] = [:]
        var nextObserver = 0
    }

    /// - Parameters:
    ///   - project: what to keep of an object; nil leaves it out.
    ///   - group: what values belong together, for `values(inGroup:)`.
    public init(
        _ query: KubernetesQuery, client: KubernetesClient, timing: ResourceCacheTiming,
        project: @escaping @Sendable (KubernetesObject) -> Value?,
        group: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) {
        self.query = query
        self.client = client
        self.timing = timing
        self.project = project
        self.group = group
    }

    public var condition: Condition {
        state.withLock { state in
            if let cutOff = state.cutOff { return .cutOff(since: cutOff.since, cutOff.reason) }
            return state.currentSince == nil ? .starting : .current
        }
    }

    /// Since when the server has been heard without a break; nil while it is not.
    public var currentSince: Timestamp? { state.withLock { $0.currentSince } }

    /// Of the object of this name.
    public func value(_ name: String) -> Value? { state.withLock { $0.values[name] } }

    /// By the names of their objects.
    public var values: [String: Value] { state.withLock { $0.values } }

    public func values(inGroup group: String) -> [Value] {
        state.withLock { state in (state.groups[group] ?? []).sorted().compactMap { state.values[$0] } }
    }

    /// Every change from now on, for one observer.
    public func changes() -> AsyncStream<Change> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Change.self, bufferingPolicy: .bufferingNewest(Self.maximumPendingChanges))
        let number = state.withLock { state in
            state.nextObserver += 1
            state.observers[state.nextObserver] = continuation
            return state.nextObserver
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Waits for `current`, but not longer than `limit`.
    /// - Returns: whether it is.
    public func becomesCurrent(within limit: Duration) async -> Bool {
        let changes = changes()
        if condition == .current { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await change in changes {
                    if case .synced = change { return true }
                }
                return false
            }
            group.addTask { [clock = timing.clock] in
                try? await clock.sleep(for: limit)
                return false
            }
            let isCurrent = await group.next() ?? false
            group.cancelAll()
            return isCurrent
        }
    }

    // MARK: what `run` tells

    /// What of an object is kept, with its name.
    func entry(_ object: KubernetesObject) -> (name: String, value: Value)? {
        project(object).map { (object.name, $0) }
    }

    /// Takes a whole list in place of what was kept.
    func replace(_ entries: [(name: String, value: Value)]) {
        update { state in
            var changes: [Change] = []
            let names = Set(entries.map(\.name))
            for (name, value) in state.values where !names.contains(name) {
                set(nil, name, &state)
                changes.append(.removed(name: name, value))
            }
            for entry in entries where state.values[entry.name] != entry.value {
                set(entry.value, entry.name, &state)
                changes.append(.changed(name: entry.name, entry.value))
            }
            return changes
        }
    }

    func take(_ event: KubernetesWatch.Event) {
        switch event {
        case .changed(let object): take(project(object), object.name)
        case .deleted(let object): take(nil, object.name)
        case .bookmark: break
        }
    }

    private func take(_ value: Value?, _ name: String) {
        update { state in
            let old = state.values[name]
            guard old != value else { return [] }
            set(value, name, &state)
            if let value { return [.changed(name: name, value)] }
            return old.map { [.removed(name: name, $0)] } ?? []
        }
    }

    /// A list is in, or a watch goes on from one: the server answers.
    func connected() {
        update { state in
            guard state.currentSince == nil else { return [] }
            state.cutOff = nil
            state.currentSince = timing.now()
            return [.synced]
        }
    }

    /// - Returns: whether that is new.
    func cutOff(_ reason: KubernetesError) -> Bool {
        state.withLock { state in
            let isNew = state.cutOff == nil
            state.cutOff = (state.cutOff?.since ?? timing.now(), reason)
            state.currentSince = nil
            return isNew
        }
    }

    private func set(_ value: Value?, _ name: String, _ state: inout State) {
        if let old = state.values[name], let group = group(old) {
            state.groups[group]?.remove(name)
            if state.groups[group]?.isEmpty == true { state.groups[group] = nil }
        }
        state.values[name] = value
        if let value, let group = group(value) { state.groups[group, default: []].insert(name) }
    }

    private func update(_ change: (inout State) -> [Change]) {
        let (changes, observers) = state.withLock { state in
            let changes = change(&state)
            return (changes, changes.isEmpty ? [] : Array(state.observers.values))
        }
        for change in changes {
            for observer in observers { observer.yield(change) }
        }
    }
}
