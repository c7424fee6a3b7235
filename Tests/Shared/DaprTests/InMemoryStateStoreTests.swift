import Dapr
import Testing
import TestSupport

@Suite struct InMemoryStateStoreTests {
    @Test(arguments: StateStoreConformance.all)
    func conforms(to conformance: StateStoreConformance) async throws {
        let time = ManualTime()
        let store = InMemoryStateStore { time.now }
        try await conformance.check(.init(store) { time.advance(by: $0) })
    }

    @Test func failsAsAWholeWhileThereIsAnOutage() async throws {
        let time = ManualTime()
        let store = InMemoryStateStore { time.now }
        store.outage = .storeUnavailable("planted")
        await #expect(throws: DaprError.storeUnavailable("planted")) {
            try await store.transact([.upsert(key: "k", value: [0x31], condition: .always)])
        }
        await #expect(throws: DaprError.storeUnavailable("planted")) { try await store.get("k") }
        store.outage = nil
        #expect(try await store.get("k") == nil)
    }
}
