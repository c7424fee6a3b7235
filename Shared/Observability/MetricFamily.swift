import Synchronization

/// All series of one metric.
final class MetricFamily: Sendable {
    enum Kind: String {
        case counter, gauge, histogram
    }

    struct Series {
        /// The count, the gauge's value, or the sum of a histogram.
        var value = 0.0
        var count = 0
        /// Observations in each bucket alone, not cumulative.
        var buckets: [Int]
    }

    let name: String
    let buckets: [Double]
    private let help: String
    private let kind: Kind
    private let labels: [String]
    private let series: Mutex<[[String]: Series]>

    init(name: String, help: String, kind: Kind, labels: [String], buckets: [Double]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.buckets = buckets
        let initial: [[String]: Series] =
            labels.isEmpty ? [[]: Series(buckets: Array(repeating: 0, count: buckets.count))] : [:]
        series = Mutex(initial)
    }

    func update(_ values: [String], _ change: (inout Series) -> Void) {
        precondition(values.count == labels.count, "\(name) takes the labels \(labels)")
        series.withLock { series in
            let isNew = series[values] == nil
            let key = isNew && series.count >= MetricsRegistry.maximumSeries ? labels.map { _ in "overflow" } : values
            change(&series[key, default: Series(buckets: Array(repeating: 0, count: buckets.count))])
        }
    }

    func remove(_ values: [String]) {
        series.withLock { series in _ = series.removeValue(forKey: values) }
    }

    func text() -> String {
        var lines = "# HELP \(name) \(escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        let snapshot = series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (values, series) in snapshot {
            switch kind {
            case .counter, .gauge: lines += "\(name)\(labelSet(values)) \(number(series.value))\n"
            case .histogram: lines += histogram(values, series)
            }
        }
        return lines
    }

    private func histogram(_ values: [String], _ series: Series) -> String {
        var lines = ""
        var cumulative = 0
        for (bound, count) in zip(buckets, series.buckets) {
            cumulative += count
            lines += "\(name)_bucket\(labelSet(values, ("le", number(bound)))) \(cumulative)\n"
        }
        lines += "\(name)_bucket\(labelSet(values, ("le", "+Inf"))) \(series.count)\n"
        lines += "\(name)_sum\(labelSet(values)) \(number(series.value))\n"
        return lines + "\(name)_count\(labelSet(values)) \(series.count)\n"
    }

    private func labelSet(_ values: [String], _ extra: (String, String)? = nil) -> String {
        var pairs = zip(labels, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
        if let extra { pairs.append("\(extra.0)=\"\(extra.1)\"") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
