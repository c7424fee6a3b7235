/// Compares what must agree in a service's state. The sweep and those who run the system use the same check.
///
/// A check holds no more than a page of records at a time, and reports only what is still so at a second look: what
/// others change meanwhile is no finding.
public protocol ConsistencyCheck: Sendable {
    /// Looks at everything of which the id, or the one that it belongs to, is in `shard`.
    /// - Parameters:
    ///   - repairing: whether to mend what can be mended. It is mended by compare-and-swap after reading it again,
    ///     never from the reading that raised the suspicion.
    ///   - pause: called between two pages of records. Who is in no hurry waits there.
    func check(_ shard: Shard, repairing: Bool, pause: () async -> Void) async throws(ServiceError) -> ConsistencyReport

    /// Looks at everything, unless said otherwise one shard after the other.
    func check(repairing: Bool) async throws(ServiceError) -> ConsistencyReport
}

extension ConsistencyCheck {
    public func check(repairing: Bool) async throws(ServiceError) -> ConsistencyReport {
        try await checkEveryShard(repairing: repairing)
    }

    /// One shard after the other, without a pause.
    public func checkEveryShard(repairing: Bool) async throws(ServiceError) -> ConsistencyReport {
        var report = ConsistencyReport()
        for shard in Shard.all { report.merge(try await check(shard, repairing: repairing) {}) }
        return report
    }
}
