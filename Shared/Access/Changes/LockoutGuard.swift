import Domain

/// Keeps a way back: after every change somebody who could change rules before can still do so.
struct LockoutGuard {
    /// Of no policy: stands for any.
    private static let somePolicy = "policies/00000000-0000-7000-8000-000000000000"

    /// - Throws: `.conflict` (`lockout`).
    static func check(from before: AccessBook, to after: AccessBook) throws(ServiceError) {
        let keepers = keepers(of: before)
        guard !keepers.isEmpty, !keepers.contains(where: { mayChangeRules($0, after) }) else { return }
        throw .conflict(
            code: "lockout",
            message: "After this nobody who may change policies now could still do so: "
                + keepers.prefix(5).joined(separator: ", ") + ".")
    }

    /// People and groups of people who may change rules, in the order of the rules that name them.
    private static func keepers(of book: AccessBook) -> [String] {
        var seen: Set<String> = []
        return book.rules.compactMap { rule in
            let name: String
            switch rule.content {
            case .policy(let entry): name = entry.subject
            case .binding(let entry): name = entry.subject
            case .role, .apiKey: return nil
            }
            guard !name.hasPrefix("role:"), !name.hasPrefix("app:"), seen.insert(name).inserted,
                mayChangeRules(name, book)
            else { return nil }
            return name
        }
    }

    private static func mayChangeRules(_ name: String, _ book: AccessBook) -> Bool {
        let principal = Principal(subject: name)
        return book.isAllowed(principal, "policies", "policy:create")
            && book.isAllowed(principal, somePolicy, "policy:delete")
    }
}
