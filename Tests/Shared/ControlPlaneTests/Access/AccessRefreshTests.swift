import Access
import ControlPlane
import Dapr
import Domain
import HTTP
import Observability
import Persistence
import TestSupport
import Testing

@Suite struct AccessRefreshTests {
    @Test func tellsAnOutageOnceAndIsReadyAfterTheFirstLook() async throws {
        let time = ManualTime()
        let store = FaultyStateStore(InMemoryStateStore(now: { time.now }))
        let authority = AccessAuthority(
            try ShippedAccess.files(), store: DaprAccessRuleStore(RecordStore(store)), now: { time.now })
        let log = RecordingLogSink()
        let metrics = MetricsRegistry()
        let refresh = AccessRefresh(
            authority, clock: ContinuousClock(), metrics: metrics, logger: Logger(sink: log, now: { time.now }))
        let check = AccessRefresh.check(authority)

        store.faults.failedRead = 1
        await refresh.refresh()
        await refresh.refresh()
        #expect(log.lines.filter { $0.message == "access rules cannot be read" }.count == 1)
        #expect(await check.problem() != nil)
        #expect(metrics.text().contains("slipway_access_refresh_failures_total 2"))

        store.faults.failedRead = 0
        await refresh.refresh()
        #expect(await check.problem() == nil)
        #expect(log.lines.last?.message == "access rules read")
        store.faults.failedRead = 1
        await refresh.refresh()
        #expect(log.lines.filter { $0.message == "access rules cannot be read" }.count == 2)
        #expect(await check.problem() == nil, "the last rules stay in use")
    }
}
