import Domain
import Persistence
import TestSupport
import Testing

struct EntityCollectionTests {
    let store = StoreUnderTest()
    let records: RecordStore
    let tins: EntityCollection<Tin>

    init() {
        records = store.records
        tins = EntityCollection("tin", in: records)
    }

    @Test func findsAnEntityByIDAndByName() async throws {
        try await create(Tin(id(1), "peas"))
        #expect(try await tins.read(id(1)).record.name == "peas")
        #expect(try await tins.find(named: "peas")?.record.uuid == id(1))
        #expect(try await tins.find(named: "corn") == nil)
        await #expect(throws: ServiceError.notFound(kind: "tin", id: id(2).description)) { try await tins.read(id(2)) }
    }

    @Test func writesEntityNameAndIndexTogether() async throws {
        try await create(Tin(id(1), "peas"))
        #expect(store.faulty.transactions == 1)
        #expect(store.memory.keys == ["index:tin:\(Shard(of: id(1)))", "name:tin:peas", "tin:\(id(1))"])
    }

    @Test func refusesANameThatIsTaken() async throws {
        try await create(Tin(id(1), "peas"))
        await #expect { try await create(Tin(id(2), "peas")) } throws: { hasCode("name_taken", $0) }
        #expect(try await tins.listedIDs() == [id(1).description])
    }

    @Test func takesARepeatedCreationForTheSame() async throws {
        try await create(Tin(id(1), "peas"))
        try await create(Tin(id(1), "peas"))
        #expect(store.faulty.transactions == 1)
    }

    @Test func givesANameFreeWhenItsOwnerIsRenamedOrDeleted() async throws {
        try await create(Tin(id(1), "peas"))
        try await rename(1, to: "corn")
        try await create(Tin(id(2), "peas"))
        await #expect { try await rename(2, to: "corn") } throws: { hasCode("name_taken", $0) }
        try await delete(1)
        try await rename(2, to: "corn")
        #expect(try await tins.find(named: "corn")?.record.uuid == id(2))
    }

    @Test func leavesNothingBehindOfADeletedEntity() async throws {
        try await create(Tin(id(1), "peas"))
        try await delete(1)
        #expect(store.memory.keys == ["index:tin:\(Shard(of: id(1)))"])
        #expect(try await tins.page(PageRequest()).elements.isEmpty)
    }

    @Test(arguments: [1, 7, 50, 500])
    func pagesInCreationOrder(size: Int) async throws {
        for number in (1...120).shuffled() { try await create(Tin(id(number), "tin-\(number)")) }
        var seen: [UUIDv7] = []
        var after: String?
        repeat {
            let page = try await tins.page(PageRequest(size: size, after: after))
            #expect(page.elements.count <= size)
            seen += page.elements.map(\.record.uuid)
            after = page.next
        } while after != nil
        #expect(seen == (1...120).map(id))
    }

    @Test func pagesOverWhatIsDeletedMeanwhile() async throws {
        for number in 1...10 { try await create(Tin(id(number), "tin-\(number)")) }
        let first = try await tins.page(PageRequest(size: 4))
        for number in [4, 5] { try await delete(number) }
        let second = try await tins.page(PageRequest(size: 100, after: first.next))
        #expect(second.elements.map(\.record.uuid) == (6...10).map(id))
        #expect(second.next == nil)
    }

    @Test func includesOnlyWhatIsAskedFor() async throws {
        for number in 1...20 { try await create(Tin(id(number), "tin-\(number)")) }
        let page = try await tins.page(PageRequest(size: 5)) { $0.uuid.low.isMultiple(of: 2) }
        #expect(page.elements.map(\.record.uuid) == [2, 4, 6, 8, 10].map(id))
        #expect(page.next == id(10).description)
    }

    @Test(arguments: ["", "x", "0192", "01920000-0001-7000-8000-00000000000G", "../../etc"])
    func refusesAMarkThatIsNoID(mark: String) async throws {
        await #expect(throws: ServiceError.self) { try await tins.page(PageRequest(after: mark)) }
    }

    @Test func keepsAgreementWhateverFails() async throws {
        for seed in UInt64(1)...20 {
            let store = StoreUnderTest(seed: seed, faults: .init(conflict: 0.2, lostAnswer: 0.2, outage: 0.1))
            let records = store.records
            let tins = EntityCollection<Tin>("tin", in: records)
            await withTaskGroup(of: Void.self) { group in
                for number in 1...30 {
                    group.addTask {
                        try? await EntityCollectionTests.create(Tin(id(number), "tin-\(number % 7)"), tins, records)
                        if number.isMultiple(of: 3) {
                            try? await EntityCollectionTests.delete(number, tins, records)
                        }
                    }
                }
            }
            let listed = try await tins.listedIDs()
            let entities = store.memory.keys.filter { $0.hasPrefix("tin:") }.map { String($0.dropFirst(4)) }
            #expect(listed == entities.sorted(), "seed \(seed)")
            let names = store.memory.keys.filter { $0.hasPrefix("name:") }
            #expect(names.count == entities.count, "seed \(seed)")
        }
    }

    private func create(_ tin: Tin) async throws { try await Self.create(tin, tins, records) }
    private func delete(_ number: Int) async throws { try await Self.delete(number, tins, records) }

    private static func create(_ tin: Tin, _ tins: EntityCollection<Tin>, _ records: RecordStore) async throws {
        try await tins.create(tin, by: records)
    }

    private static func delete(
        _ number: Int, _ tins: EntityCollection<Tin>, _ records: RecordStore
    ) async throws {
        try await tins.delete(id(number), by: records)
    }

    private func rename(_ number: Int, to name: String) async throws {
        try await records.change(lanes: tins.lanes(changing: id(number))) {
            () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await tins.read(id(number))
            var tin = stored.record
            tin.name = name
            var transaction = StateTransaction()
            try await tins.replace(stored, with: tin, into: &transaction)
            return .commit(transaction, true)
        }
    }
}

private func hasCode(_ code: String, _ error: any Error) -> Bool {
    if case ServiceError.conflict(code, _) = error { true } else { false }
}
