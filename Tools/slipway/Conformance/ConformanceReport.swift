import JSON

/// What an endpoint was found to do, point by point.
struct ConformanceReport: Sendable {
    enum Weight: String, Sendable {
        /// The protocol says so, or every client of it relies on it.
        case required
        /// Some clients rely on it.
        case recommended
    }

    enum Result: String, Sendable {
        case pass
        case fail
        /// Could not be asked, or does not apply.
        case skipped
    }

    struct Point: Sendable {
        let name: String
        let weight: Weight
        let result: Result
        let expected: String
        let seen: String
    }

    /// Characters of an answer that are shown.
    static let maximumSeenLength = 100

    private(set) var points: [Point] = []

    mutating func check(
        _ name: String, _ weight: Weight = .required, expect expected: String, _ seen: String, _ isMet: Bool
    ) {
        points.append(
            Point(
                name: name, weight: weight, result: isMet ? .pass : .fail, expected: expected,
                seen: String(seen.prefix(Self.maximumSeenLength))))
    }

    mutating func skip(_ name: String, _ weight: Weight = .required, because reason: String) {
        points.append(
            Point(
                name: name, weight: weight, result: .skipped, expected: "–",
                seen: String(reason.prefix(Self.maximumSeenLength))))
    }

    func count(_ result: Result, _ weight: Weight? = nil) -> Int {
        points.count { $0.result == result && (weight == nil || $0.weight == weight) }
    }

    var table: Table {
        var table = Table(["check", "weight", "result", "expected", "seen"])
        for point in points {
            table.add([point.name, point.weight.rawValue, point.result.rawValue, point.expected, point.seen])
        }
        return table
    }

    var summary: String {
        "\(points.count) checks: \(count(.pass)) passed, \(count(.fail, .required)) required and "
            + "\(count(.fail, .recommended)) recommended ones failed, \(count(.skipped)) skipped.\n"
    }

    var document: JSONValue {
        [
            "checks": .array(
                points.map { point in
                    [
                        "check": .string(point.name), "weight": .string(point.weight.rawValue),
                        "result": .string(point.result.rawValue), "expected": .string(point.expected),
                        "seen": .string(point.seen),
                    ]
                }),
            "passed": .integer(Int64(count(.pass))), "failed_required": .integer(Int64(count(.fail, .required))),
            "failed_recommended": .integer(Int64(count(.fail, .recommended))),
            "skipped": .integer(Int64(count(.skipped))),
        ]
    }
}
