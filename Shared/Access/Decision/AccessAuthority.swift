import Domain
import Synchronization

/// Decides by the rules as they are now: the file's, and those of the store as they were last read.
///
/// While the store is away the rules that were read last go on being used. Before they were ever read nothing is
/// decided, since a rule that denies may be among them.
public final class AccessAuthority: Sendable {
    private struct State {
        var book: AccessBook?
        var history = DecisionHistory()
    }

    /// To read the rules, while others do the same.
    private static let maximumAttempts = 10

    private let files: AccessFiles
    private let store: any AccessRuleStore
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameter book: decides until the store has been read.
    public init(
        _ files: AccessFiles, store: any AccessRuleStore, book: AccessBook? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.files = files
        self.store = store
        self.now = now
        state = Mutex(State(book: book))
    }

    /// - Throws: `.unavailable` (`access_rules_unavailable`) while the rules have never been read.
    public func book() throws(ServiceError) -> AccessBook {
        guard let book = state.withLock({ $0.book }) else {
            throw .unavailable(
                code: "access_rules_unavailable", message: "The access rules could not be read yet.",
                retryAfter: .seconds(1))
        }
        return book
    }

    /// Decides, and remembers that it was asked.
    public func decide(_ request: AccessRequest) throws(ServiceError) -> AccessDecision {
        let decision = try book().decide(request)
        let time = now()
        state.withLock { $0.history.add(request, at: time) }
        return decision
    }

    /// Reads the rules if they are others than those in use. When this returns, decisions are made by rules at least as
    /// new as those that the store had when it was called.
    /// - Returns: whether others are in use now.
    @discardableResult
    public func refresh() async throws(ServiceError) -> Bool {
        for _ in 1...Self.maximumAttempts {
            let known = state.withLock { $0.book?.version }
            guard try await store.version() != known else { return false }
            let book = try AccessBook(files, try await store.read())
            // Whoever was faster may have read what is newer.
            let isFirst = state.withLock { state in
                guard state.book?.version == known else { return false }
                state.book = book
                return true
            }
            if isFirst { return true }
        }
        return false
    }

    /// Changes the stored rules. When this returns, decisions here are made by the new ones.
    ///
    /// - Parameters:
    ///   - key: under which the answer is kept.
    ///   - edit: changes the rules as they are; asked again if others change them meanwhile.
    /// - Returns: the id of what was added or removed last; of a role its name.
    /// - Throws: `.conflict` (`lockout`, `too_many_rules`) and what `edit` throws.
    public func change(
        once key: IdempotencyKey? = nil, _ edit: (inout RuleDraft) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> String {
        let answer = try await store.change(once: key) { stored throws(ServiceError) in
            let before = try book(of: stored)
            var draft = RuleDraft(before.rules)
            try edit(&draft)
            if !draft.change.isEmpty { _ = try book(after: draft.change, before, stored) }
            return draft.change
        }
        do throws(ServiceError) {
            try await refresh()
        } catch {
            // It is changed all the same, and will be seen when the store is read next.
        }
        return answer
    }

    /// Tries a change on the decisions that were made last. Changes nothing.
    public func dryRun(
        _ edit: (inout RuleDraft) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> DryRun {
        let stored = try await store.read()
        let before = try book(of: stored)
        var draft = RuleDraft(before.rules)
        try edit(&draft)
        let change = draft.change
        var lockout: String?
        let after: AccessBook
        do throws(ServiceError) {
            after = try book(after: change, before, stored)
        } catch {
            guard case .conflict("lockout", let message) = error else { throw error }
            lockout = message
            after = try AccessBook(files, stored.applying(change))
        }
        let entries = state.withLock { $0.history.last() }
        return DryRun(entries, from: before, to: after, lockout: lockout)
    }

    private func book(of stored: StoredRules) throws(ServiceError) -> AccessBook {
        if let book = state.withLock({ $0.book }), book.version == stored.version { return book }
        return try AccessBook(files, stored)
    }

    private func book(
        after change: AccessRuleChange, _ before: AccessBook, _ stored: StoredRules
    ) throws(ServiceError) -> AccessBook {
        let rules = stored.applying(change)
        guard rules.rules.count <= max(AccessLimits.maximumStoredRules, stored.rules.count) else {
            throw .conflict(
                code: "too_many_rules",
                message: "There are \(stored.rules.count) rules; \(AccessLimits.maximumStoredRules) is the most.")
        }
        let after = try AccessBook(files, rules)
        try LockoutGuard.check(from: before, to: after)
        return after
    }
}
