import Domain

/// The last decisions, each different one once: what a change would mean is tried on them.
struct DecisionHistory: Sendable {
    struct Entry: Hashable, Sendable {
        let request: AccessRequest
        var count: Int
        var lastAt: Timestamp
    }

    private struct Asked: Hashable {
        let names: [String]
        let object: String
        let action: String
    }

    private let limit: Int
    private var entries: [Asked: Entry] = [:]

    init(limit: Int = AccessLimits.maximumRememberedDecisions) { self.limit = limit }

    mutating func add(_ request: AccessRequest, at time: Timestamp) {
        let asked = Asked(names: request.principal.names, object: request.object, action: request.action)
        if var entry = entries[asked] {
            entry.count += 1
            entry.lastAt = time
            entries[asked] = entry
            return
        }
        entries[asked] = Entry(request: request, count: 1, lastAt: time)
        // Seldom, so that remembering costs little.
        if entries.count >= 2 * limit { keepLast() }
    }

    /// Latest first.
    func last() -> [Entry] { Array(entries.values.sorted { $0.lastAt > $1.lastAt }.prefix(limit)) }

    private mutating func keepLast() {
        let oldest = entries.values.map(\.lastAt).sorted(by: >)[limit - 1]
        entries = entries.filter { $0.value.lastAt >= oldest }
        // Times may be equal.
        while entries.count >= 2 * limit, let any = entries.keys.first { entries[any] = nil }
    }
}
