/// How many requests an engine is at work on, and how many it lets wait, by its own metrics.
public struct EngineLoad: Hashable, Sendable {
    /// The largest count: more than any engine has, and small enough to be multiplied.
    public static let maximumCount = 1_000_000

    public let running: Int
    public let waiting: Int
    /// How full the cache of keys and values is, in thousandths; of several engines the fullest. Nil where none tells.
    public let cacheThousandths: Int?

    /// Numbers out of range count as the nearest that is in it, since engines can say anything.
    public init(running: Int, waiting: Int, cacheThousandths: Int? = nil) {
        self.running = min(max(0, running), Self.maximumCount)
        self.waiting = min(max(0, waiting), Self.maximumCount)
        self.cacheThousandths = cacheThousandths.map { min(max(0, $0), 1000) }
    }

    /// The names that engines have for the two, in Prometheus' text format.
    private static let names: [(running: String, waiting: String)] = [
        ("vllm:num_requests_running", "vllm:num_requests_waiting"),
        ("llamacpp:requests_processing", "llamacpp:requests_deferred"),
    ]

    private static let cacheUsage = "vllm:kv_cache_usage_perc"

    /// Nil if the text is not of an engine that tells both. Of several lines of one name the sum counts.
    public init?(metrics text: String) {
        var running: Double?
        var waiting: Double?
        var cache: Double?
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            for names in Self.names {
                if let value = Self.value(of: names.running, in: line) { running = (running ?? 0) + value }
                if let value = Self.value(of: names.waiting, in: line) { waiting = (waiting ?? 0) + value }
            }
            if let value = Self.value(of: Self.cacheUsage, in: line) { cache = max(cache ?? 0, value) }
        }
        guard let running, let waiting, let runningCount = Self.count(running), let waitingCount = Self.count(waiting)
        else { return nil }
        self.init(
            running: runningCount, waiting: waitingCount,
            cacheThousandths: cache.flatMap { Self.count(min($0, 1) * 1000) })
    }

    /// Nil for what is no number.
    private static func count(_ value: Double) -> Int? {
        value.isFinite ? Int(min(max(0, value), Double(maximumCount)).rounded()) : nil
    }

    private static func value(of name: String, in line: Substring.UTF8View) -> Double? {
        guard line.starts(with: name.utf8) else { return nil }
        var rest = line.dropFirst(name.utf8.count)
        if rest.first == UInt8(ascii: "{") {
            guard let end = rest.lastIndex(of: UInt8(ascii: "}")) else { return nil }
            rest = rest[rest.index(after: end)...]
        }
        guard rest.first == UInt8(ascii: " ") else { return nil }
        let value = rest.dropFirst().prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }
        return Double(Substring(value))
    }
}
