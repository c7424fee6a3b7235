import Domain

/// Times as `Date` and its like carry them (RFC 9110 §5.6.7): `Sat, 21 Nov 2026 08:05:11 GMT`.
public enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter secondsSinceEpoch: Not negative; 1 January 1970 was a Thursday.
    public static func text(secondsSinceEpoch: Int64) -> String {
        // `2026-11-21T08:05:11.042Z`
        let timestamp = Timestamp(millisecondsSinceEpoch: secondsSinceEpoch * 1000).description
        let parts = timestamp.split { "-T.".contains($0) }
        let weekday = weekdays[Int(secondsSinceEpoch / 86_400 % 7)]
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(parts[3]) GMT"
    }
}
