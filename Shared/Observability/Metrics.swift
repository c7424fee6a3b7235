import Synchronization

/// The counters, gauges and histograms of one process, in Prometheus' text format.
///
/// A metric is made once, at start, and kept by whoever counts with it. Labels are fixed sets of names; a new
/// combination of values makes a series, at most `maximumSeries` for each metric, after which new ones are counted
/// under `overflow` labels, so that hostile input cannot fill the memory.
public final class MetricsRegistry: Sendable {
    /// Series of one metric.
    public static let maximumSeries = 10_000

    private let families = Mutex<[MetricFamily]>([])

    public init() {}

    /// Only ever grows. By convention its name ends in `_total`.
    public func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
        Counter(family: register(name, help, .counter, labels, buckets: []))
    }

    public func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
        Gauge(family: register(name, help, .gauge, labels, buckets: []))
    }

    /// - Parameter buckets: upper bounds in ascending order, in the unit that the name ends in (`_seconds`).
    public func histogram(
        _ name: String, _ help: String, labels: [String] = [], buckets: [Double] = Histogram.secondsBuckets
    ) -> Histogram {
        Histogram(family: register(name, help, .histogram, labels, buckets: buckets))
    }

    private func register(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String], buckets: [Double]
    ) -> MetricFamily {
        let family = MetricFamily(name: name, help: help, kind: kind, labels: labels, buckets: buckets)
        families.withLock { $0.append(family) }
        return family
    }

    /// The exposition text, `text/plain; version=0.0.4`.
    public func text() -> String {
        families.withLock { $0 }.map { $0.text() }.joined()
    }
}

public struct Counter: Sendable {
    let family: MetricFamily

    /// - Parameter labels: the values, in the order of the metric's label names.
    public func increment(by amount: Double = 1, _ labels: [String] = []) {
        family.update(labels) { $0.value += amount }
    }
}

public struct Gauge: Sendable {
    let family: MetricFamily

    public func set(_ value: Double, _ labels: [String] = []) {
        family.update(labels) { $0.value = value }
    }

    public func add(_ amount: Double, _ labels: [String] = []) {
        family.update(labels) { $0.value += amount }
    }

    /// Drops the series, for a thing that no longer exists.
    public func remove(_ labels: [String]) { family.remove(labels) }
}

public struct Histogram: Sendable {
    /// 1 ms to 60 s.
    public static let secondsBuckets = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    let family: MetricFamily

    public func observe(_ value: Double, _ labels: [String] = []) {
        let buckets = family.buckets
        family.update(labels) { series in
            series.value += value
            series.count += 1
            if let index = buckets.firstIndex(where: { value <= $0 }) { series.buckets[index] += 1 }
        }
    }
}
