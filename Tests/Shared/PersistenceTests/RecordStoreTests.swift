import Dapr
import Domain
import Persistence
import Synchronization
import TestSupport
import Testing

struct RecordStoreTests {
    let store = StoreUnderTest()
    var records: RecordStore { store.records }
    let key = RecordKey<Tin>("tin:a")

    @Test func readsWhatItWrote() async throws {
        let tin = Tin(id(1), "peas", beans: StoredInteger(9_007_199_254_740_993))
        var transaction = StateTransaction()
        try transaction.insert(key, tin)
        #expect(try await records.commit(transaction))
        #expect(try await records.read(key)?.record == tin)
        let text = try #require(try await store.text("tin:a"))
        #expect(text.contains("\"schema_version\":2"))
        #expect(text.contains("\"9007199254740993\""))
    }

    @Test func findsNothingUnderAnAbsentKey() async throws {
        #expect(try await records.read(key) == nil)
    }

    @Test func upgradesAnOlderDocument() async throws {
        try await store.plant("tin:a", #"{"schema_version":1,"id":"\#(id(1))","label":"peas","beans":"3"}"#)
        #expect(try await records.read(key)?.record == Tin(id(1), "peas", beans: 3))
    }

    @Test(arguments: [
        #"{"schema_version":3,"id":"x"}"#, #"{"schema_version":0}"#, #"{"id":"x"}"#, "[]", "null",
        #"{"schema_version":2,"id":"x","name":"y"}"#,
    ])
    func reportsADocumentThatItCannotRead(text: String) async throws {
        try await store.plant("tin:a", text)
        await #expect { try await records.read(key) } throws: { error in
            guard case ServiceError.internalFault(let detail) = error else { return false }
            return detail.contains("tin:a") || detail.contains("Tin")
        }
    }

    @Test func doesNotInsertOverARecord() async throws {
        try await store.plant("tin:a", "{}")
        var transaction = StateTransaction()
        try transaction.insert(key, Tin(id(1), "peas"))
        #expect(try await records.commit(transaction) == false)
    }

    @Test func writesInTheOrderOfTheKeys() async throws {
        let recorder = RecordingStateStore()
        var transaction = StateTransaction()
        for name in ["c", "a", "b"] { try transaction.insert(RecordKey<Tin>("tin:\(name)"), Tin(id(1), name)) }
        #expect(try await RecordStore(recorder).commit(transaction))
        #expect(recorder.keys == ["tin:a", "tin:b", "tin:c"])
    }

    @Test func losesNoUpdateAmongManyWriters() async throws {
        let records = records
        try await insert(Tin(id(1), "peas"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { try await addBean(records) }
            }
            try await group.waitForAll()
        }
        #expect(try await records.read(key)?.record.beans == 50)
    }

    @Test func losesNoUpdateAmongReplicasThatCollide() async throws {
        try await insert(Tin(id(1), "peas"))
        var added: Int64 = 0
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                let replica = records
                group.addTask { (try? await addBean(replica)) != nil }
            }
            for await isAdded in group where isAdded { added += 1 }
        }
        #expect(added > 0)
        #expect(try await records.read(key)?.record.beans.value == added)
    }

    @Test func givesUpAfterTenConflicts() async throws {
        let store = StoreUnderTest(faults: .init(conflict: 1))
        let records = store.records
        try await store.plant("tin:a", #"{"schema_version":2,"id":"\#(id(1))","name":"peas","beans":"0"}"#)
        await #expect { try await addBean(records) } throws: { error in
            guard case ServiceError.conflict(let code, _) = error else { return false }
            return code == "write_conflict"
        }
        #expect(store.faulty.transactions == ConflictRetries.maximumAttempts)
    }

    @Test func refusesATransactionAboveTheLimit() async throws {
        var transaction = StateTransaction()
        for number in 0...StateLimits.maximumOperations {
            try transaction.insert(RecordKey<Tin>("tin:\(number)"), Tin(id(number), "x"))
        }
        let tooLong = transaction
        await #expect(throws: ServiceError.self) { try await records.commit(tooLong) }
    }

    private func insert(_ tin: Tin) async throws {
        var transaction = StateTransaction()
        try transaction.insert(key, tin)
        _ = try await records.commit(transaction)
    }
}

@Sendable private func addBean(_ records: RecordStore) async throws {
    try await records.change(lanes: ["tin:a"]) { () async throws(ServiceError) -> Decision<Bool> in
        guard let stored = try await records.read(RecordKey<Tin>("tin:a")) else { throw .internalFault(detail: "gone") }
        var tin = stored.record
        tin.beans.value += 1
        var transaction = StateTransaction()
        try transaction.replace(stored, with: tin)
        return .commit(transaction, true)
    }
}

/// Remembers which keys were written, in order.
private final class RecordingStateStore: StateStore {
    private let written = Mutex<[String]>([])
    var keys: [String] { written.withLock { $0 } }

    func get(_ key: String) async throws(DaprError) -> StateEntry? { nil }
    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] { [:] }
    func transact(_ operations: [StateOperation]) async throws(DaprError) {
        written.withLock { $0 += operations.map(\.key) }
    }
}
