import Dapr
import Domain
import FoundationEssentials
import HTTP
import JSON
import ModelServingCore
import Persistence
import TestSupport
import Testing

@testable import ModelServing

struct DaprModelServiceRepositoryTests {
    @Test func listsTheUnsettledOnly() async throws {
        let serving = try ServingUnderTest()
        _ = try await serving.create("runs")
        _ = try await serving.create("stopped", [("replicas", 0)])
        #expect(try await serving.repository.unsettled().count == 1)
        try await serving.settle()
        #expect(try await serving.repository.unsettled().isEmpty)
    }

    @Test func leavesNothingBehind() async throws {
        let serving = try ServingUnderTest()
        let path = try await serving.create("chat", [("replicas", 3)])
        try await serving.settle()
        _ = try await serving.server.send(.delete, path)
        try await serving.settle()
        for key in serving.memory.keys {
            let value = try #require(try await serving.memory.get(key)).value
            let json = try JSONParser.parse(value)
            let lists = ["ids", "segments", "routes"].compactMap { json[$0] }
            let isOfTheShard = lists.allSatisfy { [[], ""].contains($0) } && !lists.isEmpty
            #expect(isOfTheShard || key.hasPrefix("routes_version:"), "\(key)")
        }
        #expect(serving.neighbours.held.isEmpty && serving.runtime.running.isEmpty)
        _ = try await serving.create("chat")
    }

    static let seeds: [UInt64] = {
        if let seed = ProcessInfo.processInfo.environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...6)
    }()

    /// Conflicts, outages and lost answers in every transaction; all records agree nevertheless.
    @Test(arguments: seeds)
    func keepsItsRecordsInAgreement(seed: UInt64) async throws {
        let serving = try ServingUnderTest(
            seed: seed, faults: .init(conflict: 0.2, lostAnswer: 0.1, outage: 0.1))
        var generator = SeededGenerator(seed: seed)
        for step in 0..<40 {
            let services = try await serving.repository.list(PageRequest(size: 100), where: { _ in true }).elements
            let victim = services.randomElement(using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1:
                _ = try await serving.server.send(
                    .post, "/model_services",
                    ServingUnderTest.wanted("s-\(step)", [("replicas", .integer(Int64(step % 3)))]))
            case 2:
                guard let victim else { continue }
                _ = try await serving.server.send(.delete, "/model_services/\(victim.id)")
            case 3:
                guard let victim else { continue }
                _ = try await serving.server.send(.put, "/model_services/\(victim.id)", ["replicas": 2])
            default:
                for service in services { _ = try? await serving.reconciler.look(at: service.id) }
                serving.time.advance(by: .seconds(1))
            }
            try await expectAgreement(serving, "SEED=\(seed) step \(step)")
        }
        serving.store.faults = .init()
        try await serving.settle()
        try await expectAgreement(serving, "SEED=\(seed) settled")
        let left = try await serving.repository.list(PageRequest(size: 100), where: { _ in true }).elements.flatMap(
            \.instances)
        let running = Set(left.filter { $0.phase == .running }.map(\.id))
        #expect(serving.runtime.running == running, "SEED=\(seed)")
        #expect(serving.neighbours.held == Set(running.map(\.description)), "SEED=\(seed)")
    }

    private func expectAgreement(_ serving: ServingUnderTest, _ comment: Comment) async throws {
        let services = try await serving.repository.list(PageRequest(size: 500), where: { _ in true }).elements
        let unsettled = services.filter { !$0.isSettled(ReconciliationPolicy()) }.map(\.id)
        #expect(Set(try await serving.repository.unsettled()) == Set(unsettled), comment)
        let table = try await RouteTable.read(from: RecordStore(serving.memory))
        #expect(Set(table.routes) == Set(services.compactMap(\.route)), comment)
        let keys = serving.memory.keys
        let instances = keys.filter { $0.hasPrefix("instance:") }
        #expect(Set(instances) == Set(services.flatMap(\.instances).map { "instance:\($0.id)" }), comment)
        #expect(keys.count { $0.hasPrefix("name:") } == services.count, comment)
        #expect(keys.count { $0.hasPrefix("service:") } == services.count, comment)
    }
}
