/// Writes metrics in Prometheus' text format, version 0.0.4, family by family.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, histogram
    }

    typealias Labels = KeyValuePairs<String, String>

    private(set) var text = ""

    /// Begins a family; what is added next belongs to it.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func add(_ name: String, _ labels: Labels, _ value: some BinaryInteger) {
        text += "\(name)\(Self.labelSet(labels.map { ($0.key, $0.value) })) \(value)\n"
    }

    mutating func add(_ name: String, _ labels: Labels, seconds: Duration) {
        text += "\(name)\(Self.labelSet(labels.map { ($0.key, $0.value) })) \(seconds / .seconds(1))\n"
    }

    mutating func add(_ name: String, _ labels: Labels, thousandths: Int) {
        text += "\(name)\(Self.labelSet(labels.map { ($0.key, $0.value) })) \(Double(thousandths) / 1000)\n"
    }

    /// - Parameter buckets: upper bound and how many fell into that bucket alone.
    mutating func add(
        _ name: String, _ labels: Labels, buckets: [(bound: Duration, count: UInt64)], count: UInt64, sum: Duration
    ) {
        let pairs = labels.map { ($0.key, $0.value) }
        var cumulative: UInt64 = 0
        for bucket in buckets {
            cumulative += bucket.count
            text += "\(name)_bucket\(Self.labelSet(pairs + [("le", "\(bucket.bound / .seconds(1))")])) \(cumulative)\n"
        }
        text += "\(name)_bucket\(Self.labelSet(pairs + [("le", "+Inf")])) \(count)\n"
        text += "\(name)_sum\(Self.labelSet(pairs)) \(sum / .seconds(1))\n"
        text += "\(name)_count\(Self.labelSet(pairs)) \(count)\n"
    }

    private static func labelSet(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
