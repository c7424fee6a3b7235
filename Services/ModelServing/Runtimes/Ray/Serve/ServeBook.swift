import JSON
import Observability

/// What is declared to a Serve, for all instances of this process together: read by all at once, and written by one
/// after the other.
///
/// Serve has no conditional write: whoever writes says everything that is wanted, and what came between its reading and
/// its writing is lost. So each write follows its reading at once, and another reading follows it: what is not there
/// then, of what was to be written, is written again, and what of others got lost is put back if it was ever seen.
actor ServeBook {
    enum Edit: Hashable, Sendable {
        case declare(JSONValue)
        case withdraw
    }

    struct Settings: Sendable {
        /// Readings are shared for so long.
        var interval: Duration = .seconds(1)
        /// How long an empty Serve that was not empty before is doubted. While Ray looks for its controller, and while
        /// the store of its head is away, it answers that there is nothing.
        var emptinessPatience: Duration = .seconds(5)
        /// How long a write waits for applications whose code is being loaded, since it would begin that anew.
        var buildPatience: Duration = .seconds(20)
        /// Before trying again; longer each time, and never as long as another's.
        var firstPause: Duration = .milliseconds(100)
        /// What is set for a Serve that was not started yet.
        var startOptions = JSONObject()
    }

    /// Writes in a row, each undone by another writer, after which one is given up.
    static let maximumAttempts = 6
    /// How long Serve may leave open what was declared of an application. Old ones never say it of any.
    static let untoldPatience: Duration = .seconds(30)
    /// How long what somebody declared is remembered after it was seen last.
    static let memory: Duration = .seconds(600)

    private struct Seen {
        let configuration: JSONValue
        let at: ContinuousClock.Instant
    }

    private let client: ServeClient
    private let settings: Settings
    private let random: @Sendable () -> UInt64
    private let logger: Logger
    private let clock = ContinuousClock()
    private var latest: (result: Result<ServeState, ServeError>, begun: ContinuousClock.Instant)?
    private var isReading = false
    private var readers: [CheckedContinuation<Void, Never>] = []
    private var isWriting = false
    private var writers: [CheckedContinuation<Void, Never>] = []
    /// What is to be written by whoever has the turn, with those who wait for theirs.
    private var wanted: [String: Edit] = [:]
    private var seen: [String: Seen] = [:]
    /// Since when Serve says that there is nothing, without having said before that all of it was going.
    private var emptySince: ContinuousClock.Instant?
    /// What was there before this process began is not known, so that an empty Serve is doubted at first.
    private var hadApplications = true

    init(
        _ client: ServeClient, _ settings: Settings = Settings(), random: @escaping @Sendable () -> UInt64,
        logger: Logger
    ) {
        self.client = client
        self.settings = settings
        self.random = random
        self.logger = logger
    }

    /// What Serve tells, as it was at most `age` ago. Those who ask at the same time share one answer.
    func state(notOlderThan age: Duration) async throws(ServeError) -> ServeState {
        let since = clock.now - age
        while true {
            if let latest, latest.begun >= since { return try latest.result.get() }
            guard isReading else { return try await read() }
            await withCheckedContinuation { readers.append($0) }
        }
    }

    private func read() async throws(ServeError) -> ServeState {
        isReading = true
        let begun = clock.now
        let result: Result<ServeState, ServeError>
        do throws(ServeError) {
            let state = try await client.state()
            remember(state)
            result = .success(state)
        } catch {
            result = .failure(error)
        }
        isReading = false
        // An answer that its reader did not wait for is none for the others.
        if !Task.isCancelled { latest = (result, begun) }
        for reader in readers { reader.resume() }
        readers = []
        return try result.get()
    }

    /// Makes Serve's declaration say so of one application, and leaves all others as they are. Idempotent.
    ///
    /// - Parameter patience: how long it waits for others' code; `buildPatience` if nil.
    func write(_ name: String, _ edit: Edit, patience: Duration? = nil) async throws(ServeError) {
        wanted[name] = edit
        await takeTurn()
        defer {
            if wanted[name] == edit { wanted[name] = nil }
            giveTurn()
        }
        var attempts = 0
        var isAlone = false
        var lost: [String: JSONValue] = [:]
        let begin = clock.now
        while true {
            let before = try await state(notOlderThan: .zero)
            if lost.isEmpty, before.has(edit, name) { return }
            let age = clock.now - begin
            if let obstacle = obstacle(in: before, to: edit, of: name, age, patience ?? settings.buildPatience) {
                try await pause(0, obstacle)
                continue
            }
            guard attempts < Self.maximumAttempts else {
                // Said again and again, and there: Serve words it differently.
                if lost.isEmpty, case .declare = edit, before.has(name) { return }
                throw .unreachable("\(attempts) writes in a row were undone by others who write to it")
            }
            attempts += 1
            let edits = isAlone ? [name: edit] : wanted
            var declaration = ServeDeclaration(before, defaults: settings.startOptions)
            for (name, edit) in edits { declaration.apply(edit, name) }
            for (name, configuration) in lost { declaration.declare(name, configuration) }
            do throws(ServeError) {
                try await client.declare(declaration.body)
            } catch {
                // It may be another's part that is refused.
                guard case .refused = error, edits.count > 1 else { throw error }
                isAlone = true
                continue
            }
            let after = try await state(notOlderThan: .zero)
            lost = droppedByUs(before, declaration, after)
            if lost.isEmpty, after.has(edit, name) { return }
            try await pause(attempts, "another writer was there at the same time")
        }
    }

    /// Why it is not yet time to write.
    private func obstacle(
        in state: ServeState, to edit: Edit, of name: String, _ age: Duration, _ patience: Duration
    ) -> String? {
        if let emptySince, clock.now - emptySince < settings.emptinessPatience {
            return "everything is gone from Ray Serve at once"
        }
        // For a moment after a write Serve tells of applications without what was declared of them: declaring the rest
        // would delete them.
        if let other = state.applications.first(where: { $0.isUntold }) {
            guard age < Self.untoldPatience else { return nil }
            return "Ray Serve does not tell what was declared of \(other.name)"
        }
        guard age < patience else { return nil }
        if case .declare = edit, state[name]?.status == .deleting { return "the former \(name) is still going" }
        let isBeingBuilt = state.applications.contains { $0.isBeingBuilt && $0.name != name }
        return isBeingBuilt ? "Ray Serve is loading other applications' code" : nil
    }

    /// Applications that came between our reading and our writing, and go because of it, as they were seen last.
    private func droppedByUs(
        _ before: ServeState, _ declaration: ServeDeclaration, _ after: ServeState
    ) -> [String: JSONValue] {
        var dropped: [String: JSONValue] = [:]
        for application in after.applications where application.status == .deleting && !application.isImperative {
            let name = application.name
            // Who was there before was named, or withdrawn on purpose.
            guard before[name] == nil, !declaration.names(name) else { continue }
            dropped[name] = seen[name]?.configuration
            logger.warning(
                "an application of somebody else came while Serve was written to, and was dropped",
                ["application": name, "is_put_back": "\(dropped[name] != nil)"])
        }
        return dropped
    }

    private func remember(_ state: ServeState) {
        let now = clock.now
        for application in state.applications {
            guard let declared = application.declared, !application.isImperative else { continue }
            seen[application.name] = Seen(configuration: declared, at: now)
        }
        seen = seen.filter { now - $0.value.at < Self.memory }
        if state.applications.isEmpty {
            if hadApplications, emptySince == nil { emptySince = now }
        } else {
            emptySince = nil
            hadApplications = state.applications.contains { $0.status != .deleting }
        }
    }

    private func pause(_ attempt: Int, _ reason: String) async throws(ServeError) {
        let longest = settings.firstPause * (1 << min(attempt, 5))
        let share = Double(random() >> 11) / Double(1 << 53)
        do {
            try await Task.sleep(for: longest * (0.5 + share / 2))
        } catch {
            throw .unreachable("waiting was given up: \(reason)")
        }
    }

    private func takeTurn() async {
        guard isWriting else {
            isWriting = true
            return
        }
        await withCheckedContinuation { writers.append($0) }
    }

    private func giveTurn() {
        if writers.isEmpty { isWriting = false } else { writers.removeFirst().resume() }
    }
}
