import Domain

/// Moments as SQLite's CURRENT_TIMESTAMP writes them: `2026-11-21 08:05:11` in UTC, which sorts as text.
enum SQLiteTime {
    static func text(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }

    static func read(_ text: String) -> Timestamp? {
        Timestamp("\(text.prefix(10))T\(text.dropFirst(11).prefix(8))Z")
    }
}
