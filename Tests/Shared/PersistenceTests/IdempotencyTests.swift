import Domain
import Persistence
import TestSupport
import Testing

struct IdempotencyTests {
    let store = StoreUnderTest()
    let key = IdempotencyKey(digest: "d1", fingerprint: "f1")

    @Test func answersTheSameRequestWithTheFirstAnswer() async throws {
        let records = store.records
        let first = try await create(records, key, number: 1)
        let second = try await create(records, key, number: 2)
        #expect(first == second)
        #expect(store.memory.keys.filter { $0.hasPrefix("tin:") }.count == 1)
    }

    @Test func forgetsTheKeyAfterItsLifetime() async throws {
        _ = try await create(store.records, key, number: 1)
        store.time.advance(by: IdempotencyLimits.lifetime - .seconds(1))
        #expect(try await create(store.records, key, number: 2) == id(1).description)
        store.time.advance(by: .seconds(2))
        #expect(try await create(store.records, key, number: 2) == id(2).description)
    }

    @Test func refusesTheKeyWithAnotherRequest() async throws {
        let records = store.records
        _ = try await create(records, key, number: 1)
        await #expect {
            try await create(records, IdempotencyKey(digest: "d1", fingerprint: "f2"), number: 2)
        } throws: { error in
            guard case ServiceError.unprocessable(let code, _) = error else { return false }
            return code == "idempotency_key_reused"
        }
    }

    @Test func makesOneObjectOfManyRequestsAtOnceInManyReplicas() async throws {
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                let records = store.records
                group.addTask { [key] in try await create(records, key, number: number) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(store.memory.keys.filter { $0.hasPrefix("tin:") }.count == 1)
    }

    @Test func leavesOneObjectIfTheAnswerWasLost() async throws {
        store.faulty.faults.lostAnswer = 1
        await #expect(throws: ServiceError.self) { try await create(store.records, key, number: 1) }
        let answer = try await create(store.records, key, number: 2)
        #expect(answer == id(1).description)
    }

    @Test func tellsThatTheFirstRequestIsStillRunning() async throws {
        let gate = Gate()
        let records = RecordStore(store.faulty, retries: ConflictRetries(clock: HastyClock()))
        let first = Task { [key] in
            try await records.change(once: key) { () async throws(ServiceError) -> Decision<String> in
                await gate.passOnce()
                return .commit(StateTransaction(), "first")
            }
        }
        await gate.waitUntilSomebodyWaits()
        await #expect {
            try await create(records, key, number: 2)
        } throws: { error in
            guard case ServiceError.conflict(let code, _) = error else { return false }
            return code == "idempotency_key_in_use"
        }
        await gate.open()
        #expect(try await first.value == "first")
        #expect(try await create(records, key, number: 2) == "first")
    }

    @Test func remembersNoFailure() async throws {
        let records = store.records
        await #expect(throws: ServiceError.self) {
            try await records.change(once: key) { () async throws(ServiceError) -> Decision<String> in
                throw .conflict(code: "name_taken", message: "taken")
            }
        }
        #expect(try await create(records, key, number: 1) == id(1).description)
    }
}

@Sendable private func create(_ records: RecordStore, _ key: IdempotencyKey, number: Int) async throws -> String {
    try await records.change(once: key) { () async throws(ServiceError) -> Decision<String> in
        var transaction = StateTransaction()
        try transaction.insert(RecordKey<Tin>("tin:\(number)"), Tin(id(number), "peas"))
        return .commit(transaction, id(number).description)
    }
}
