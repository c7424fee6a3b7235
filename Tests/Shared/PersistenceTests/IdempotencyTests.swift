import Domain
import Persistence
import Synchronization
import Testing

struct IdempotencyTests {
    let memory = MemoryStore()
    let key = IdempotencyKey(digest: "d1", fingerprint: "f1")

    @Test func answersTheSameRequestWithTheFirstAnswer() async throws {
        let records = RecordStore(memory, retries: noPauses)
        let first = try await create(records, key, number: 1)
        let second = try await create(records, key, number: 2)
        #expect(first == second)
        #expect(memory.keys.filter { $0.hasPrefix("tin:") }.count == 1)
        #expect(memory.timeToLive("idempotency:d1") == IdempotencyLimits.lifetime)
    }

    @Test func refusesTheKeyWithAnotherRequest() async throws {
        let records = RecordStore(memory, retries: noPauses)
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
                let records = RecordStore(memory, retries: noPauses)
                group.addTask { [key] in try await create(records, key, number: number) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(memory.keys.filter { $0.hasPrefix("tin:") }.count == 1)
    }

    @Test func leavesOneObjectIfTheAnswerWasLost() async throws {
        let flaky = RecordStore(MemoryStore(faults: .init(lostAnswer: 1)), retries: noPauses)
        await #expect(throws: ServiceError.self) { try await create(flaky, key, number: 1) }
        let answer = try await create(flaky, key, number: 2)
        #expect(answer == id(1).description)
    }

    @Test func remembersNoFailure() async throws {
        let records = RecordStore(memory, retries: noPauses)
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
