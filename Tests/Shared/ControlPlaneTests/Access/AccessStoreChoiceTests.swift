import Access
import ControlPlane
import Dapr
import Domain
import Observability
import Persistence
import TestSupport
import Testing

@Suite struct AccessStoreChoiceTests {
    let shared: InMemoryStateStore
    let own: InMemoryStateStore
    let log = RecordingLogSink()

    init() {
        let time = ManualTime()
        shared = InMemoryStateStore(now: { time.now })
        own = InMemoryStateStore(now: { time.now })
    }

    private func choice() -> AccessStoreChoice {
        AccessStoreChoice(
            "accessstore", shared: RecordStore(shared), own: RecordStore(own),
            logger: Logger(sink: log, now: { Timestamp(millisecondsSinceEpoch: 0) }))
    }

    private func addRole(to store: AccessStoreChoice) async throws {
        let role = RoleEntry(name: try EntityName("team", field: "name"), description: "")
        let rule = AccessRule(
            .role(role), id: IdentifierSource().next(), createdAt: Timestamp(millisecondsSinceEpoch: 0),
            createdBy: "admin")
        _ = try await store.change(once: nil) { _ throws(ServiceError) in AccessRuleChange(adding: [rule]) }
    }

    @Test func rulesAreSharedWhereThereIsAComponentForThem() async throws {
        try await addRole(to: choice())
        #expect(shared.keys.contains("access:version"))
        #expect(own.keys == ["access:shared"])
        #expect(try await choice().version() == 1)
        #expect(log.lines.isEmpty)
    }

    @Test func aServiceKeepsItsOwnWhereThereNeverWasOne() async throws {
        shared.outage = .storeMissing("state store accessstore is not configured")
        let store = choice()
        try await addRole(to: store)
        #expect(own.keys.contains("access:version"))
        #expect(try await store.read().rules.count == 1)
        #expect(log.lines.count == 1)
    }

    @Test func aComponentThatIsGoneIsAnOutage() async throws {
        _ = try await choice().version()
        shared.outage = .storeMissing("state store accessstore is not configured")
        let error = await #expect(throws: ServiceError.self) { _ = try await choice().version() }
        guard case .unavailable("access_store_missing", let message, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("accessstore"))
    }

    @Test func anOutageDecidesNothing() async throws {
        shared.outage = .sidecarUnavailable("refused")
        let store = choice()
        await #expect(throws: ServiceError.self) { _ = try await store.version() }
        shared.outage = nil
        #expect(try await store.version() == 0)
        #expect(own.keys == ["access:shared"])
    }
}
