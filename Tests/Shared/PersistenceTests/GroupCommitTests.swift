import Dapr
import Domain
import Persistence
import Synchronization
import TestSupport
import Testing

struct GroupCommitTests {
    let store = StoreUnderTest()

    @Test func answersEachRequestWithItsOwnOutcome() async throws {
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) {
            requests throws(ServiceError) in
            requests.map { $0.isMultiple(of: 5) ? .failure(.invalid("n", "\($0)")) : .success($0 * 2) }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let outcome = await outcome(of: number, commits)
                    let expected: Result<Int, ServiceError> =
                        number.isMultiple(of: 5) ? .failure(.invalid("n", "\(number)")) : .success(number * 2)
                    #expect(outcome == expected)
                }
            }
        }
    }

    @Test func takesAlongWhatWaits() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) {
            requests throws(ServiceError) in
            await batches.note(requests)
            return requests.map { .success($0) }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let outcome = await outcome(of: number, commits)
                    #expect(outcome == .success(number))
                }
            }
        }
        let all = await batches.all
        #expect(all.flatMap(\.self).sorted() == Array(0..<300))
        #expect(all.allSatisfy { $0.count <= 64 })
        #expect(all.count < 100)
    }

    @Test func doesNotLetACancelledWriterTakeTheOthersDown() async throws {
        let first = Gate()
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) {
            requests throws(ServiceError) in
            if requests.contains(0) {
                await first.passOnce()
                if Task.isCancelled { throw .deadlineExceeded("cancelled") }
            }
            return requests.map { .success($0) }
        }
        let leader = Task { try await commits.submit(0) }
        await first.waitUntilSomebodyWaits()
        let follower = Task { try await commits.submit(1) }
        leader.cancel()
        await first.open()
        #expect(try await follower.value == 1)
        await #expect(throws: ServiceError.self) { try await leader.value }
    }

    @Test func knowsItsOutcomeThoughTheTurnDidNotCome() async throws {
        let gate = Gate()
        let records = RecordStore(store.faulty, retries: ConflictRetries(clock: HastyClock()))
        let commits = GroupCommit<Int, Int>(records, lane: "sum", operations: 1) { requests throws(ServiceError) in
            await gate.passOnce()
            return requests.map { .success($0) }
        }
        let first = Task { try await commits.submit(0) }
        await gate.waitUntilSomebodyWaits()
        // It stands in line behind the first, gives up at once, and has not been taken along.
        await #expect(throws: ServiceError.self) { try await commits.submit(1) }
        await gate.open()
        #expect(try await first.value == 0)
        #expect(try await commits.submit(2) == 2)
    }

    @Test func letsEachGoAloneIfOneMaySpoilTheBatch() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) {
            requests throws(ServiceError) in
            await batches.note(requests)
            if requests.contains(7) { throw .tooLarge("\(requests.count)") }
            return requests.map { .success($0) }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let outcome = await outcome(of: number, commits)
                    #expect(outcome == (number == 7 ? .failure(.tooLarge("1")) : .success(number)))
                }
            }
        }
    }

    @Test func letsEachGoAloneIfTheBatchAlwaysComesTooLate() async throws {
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) {
            requests throws(ServiceError) in
            await Task.yield()
            guard requests.count == 1 else { throw .conflict(code: "write_conflict", message: "too late") }
            return requests.map { .success($0) }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { #expect(await outcome(of: number, commits) == .success(number)) }
            }
        }
    }

    @Test func takesNoMoreIntoABatchThanFitIntoATransaction() async throws {
        let sizes = Batches()
        let commits = GroupCommit<Int, Int>(
            store.records, lane: "sum", operations: StateLimits.maximumOperations / 3
        ) { requests throws(ServiceError) in
            await sizes.note(requests)
            return requests.map { .success($0) }
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 { group.addTask { _ = await outcome(of: number, commits) } }
        }
        #expect(await sizes.all.allSatisfy { $0.count <= 3 })
    }

    @Test func failsAllOfABatchTogether() async throws {
        let commits = GroupCommit<Int, Int>(store.records, lane: "sum", operations: 1) { _ throws(ServiceError) in
            throw .unavailable(code: "x", message: "y", retryAfter: .seconds(1))
        }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let outcome = await outcome(of: number, commits)
                    #expect(outcome == .failure(.unavailable(code: "x", message: "y", retryAfter: .seconds(1))))
                }
            }
        }
    }
}

@Sendable private func outcome(of number: Int, _ commits: GroupCommit<Int, Int>) async -> Result<Int, ServiceError> {
    do throws(ServiceError) {
        return .success(try await commits.submit(number))
    } catch {
        return .failure(error)
    }
}

private actor Batches {
    private(set) var all: [[Int]] = []

    func note(_ batch: [Int]) async {
        all.append(batch)
        for _ in 0..<5 { await Task.yield() }
    }
}
