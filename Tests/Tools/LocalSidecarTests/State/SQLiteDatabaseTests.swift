import Domain
import EventLoop
import Testing
import TestSupport

@testable import LocalSidecar

@Suite struct SQLiteDatabaseTests {
    private func backend(_ folder: TemporaryFolder) async throws -> SQLiteBackend {
        try folder.write("mark", "")
        let database = try SQLiteDatabase(
            path: folder.path("state.db"), thread: EventLoopGroup(count: 1).next())
        let time = ManualTime()
        return try await SQLiteBackend(
            database: database, table: "state", metadataTable: "metadata", now: { time.now })
    }

    @Test func keepsOneFailingWriteFromTouchingThoseCommittedWithIt() async throws {
        let folder = TemporaryFolder()
        let backend = try await backend(folder)
        let succeeded = await withTaskGroup(of: Int?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    // Every other one inserts the same key, after a key of its own.
                    let shared = number.isMultiple(of: 2) ? "shared" : "own-\(number)"
                    let result: Void? = try? await backend.transact([
                        .upsert(key: "side-\(number)", value: [0x31], condition: .insertOnly, timeToLiveSeconds: nil),
                        .upsert(key: shared, value: [0x32], condition: .insertOnly, timeToLiveSeconds: nil),
                    ])
                    return result.map { number }
                }
            }
            return await group.reduce(into: []) { numbers, number in numbers += [number].compactMap { $0 } }
        }
        #expect(succeeded.count == 101)
        let sides = try await backend.get((0..<200).map { "side-\($0)" })
        #expect(Set(sides.keys) == Set(succeeded.map { "side-\($0)" }))
    }

    @Test func canBeReadWhileAnotherConnectionWrites() async throws {
        let folder = TemporaryFolder()
        let first = try await backend(folder)
        let second = try await backend(folder)
        try await first.transact([
            .upsert(key: "k", value: [0x31], condition: .insertOnly, timeToLiveSeconds: nil)
        ])
        #expect(try await second.get(["k"])["k"]?.value == [0x31])
        await #expect(throws: StateFailure.noItemUpdated) {
            try await second.transact([
                .upsert(key: "k", value: [0x32], condition: .insertOnly, timeToLiveSeconds: nil)
            ])
        }
    }

    @Test func saysWhatSQLiteSaidWhenTheFileCannotBeOpened() throws {
        let thread = EventLoopGroup(count: 1).next()
        let error = #expect(throws: SQLiteError.self) {
            try SQLiteDatabase(path: "/nowhere/at/all/state.db", thread: thread)
        }
        #expect(error?.message.contains("unable to open database file") == true)
    }

    @Test(
        arguments: [
            ("abaa0e81-c504-40db-a831-add6975233e0", nil), ("ABAA0E81-C504-40DB-A831-ADD6975233E0", nil),
            ("zzz", "invalid UUID length: 3"), ("", "invalid UUID length: 0"),
            ("abaa0e81-c504-40db-a831-add6975233ez", "invalid UUID format"),
            ("abaa0e81cc504-40db-a831-add6975233e0", "invalid UUID format"),
        ] as [(String, String?)])
    func readsETagsAsUUIDs(text: String, problem: String?) throws {
        var found: String?
        do throws(StateFailure) {
            #expect(try UUIDText.parse(text) == text.lowercased())
        } catch {
            guard case .etagMismatch(let detail) = error else {
                Issue.record("\(error)")
                return
            }
            found = detail
        }
        #expect(found == problem)
    }
}
