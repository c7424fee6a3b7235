import Observability
import Testing

struct MetricsTests {
    @Test func writesThePrometheusTextFormat() {
        let registry = MetricsRegistry()
        registry.counter("requests_total", "Requests.\nAll.", labels: ["code"]).increment(["20\"0\\\n"])
        registry.gauge("age_seconds", "Age.").set(1.5)
        let histogram = registry.histogram("wait_seconds", "Wait.", buckets: [0.1, 1])
        histogram.observe(0.05)
        histogram.observe(0.5)
        histogram.observe(5)
        #expect(
            registry.text() == """
                # HELP requests_total Requests.\\nAll.
                # TYPE requests_total counter
                requests_total{code="20\\"0\\\\\\n"} 1
                # HELP age_seconds Age.
                # TYPE age_seconds gauge
                age_seconds 1.5
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.1"} 1
                wait_seconds_bucket{le="1"} 2
                wait_seconds_bucket{le="+Inf"} 3
                wait_seconds_sum 5.55
                wait_seconds_count 3

                """)
    }

    @Test func hostileLabelsCannotFillTheMemory() {
        let registry = MetricsRegistry()
        let counter = registry.counter("x_total", "X.", labels: ["path"])
        for index in 0..<(MetricsRegistry.maximumSeries + 50) { counter.increment(["/\(index)"]) }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.count == MetricsRegistry.maximumSeries + 1 + 2)
        #expect(lines.contains(#"x_total{path="overflow"} 50"#))
    }
}
