import Dapr
import Domain
import HTTP
import JSON
import ModelServingCore
import Persistence
import TestSupport
import Testing

@testable import ModelServing

struct ServiceRecordsCheckTests {
    let serving: ServingUnderTest

    init() throws { serving = try ServingUnderTest() }

    private var check: ServiceRecordsCheck { ServiceRecordsCheck(repository: serving.repository) }

    /// The id of a service that runs.
    private func running(_ name: String = "chat") async throws -> ModelServiceID {
        let path = try await serving.create(name)
        try await serving.settle()
        return try #require(ModelServiceID(String(path.split(separator: "/").last ?? "")))
    }

    /// Finds `kind`, mends it, and finds nothing after that.
    private func expectMended(_ kinds: Set<String>) async throws {
        let found = try await check.check(repairing: false)
        #expect(Set(found.findings.map(\.kind)) == kinds && found.findings.allSatisfy { !$0.isRepaired })
        let mended = try await check.check(repairing: true)
        #expect(Set(mended.findings.map(\.kind)) == kinds && mended.findings.allSatisfy(\.isRepaired))
        #expect(try await check.check(repairing: false).findings.isEmpty)
    }

    @Test func findsNothingWhereEverythingFollows() async throws {
        _ = try await running("one")
        _ = try await serving.create("on-its-way")
        _ = try await serving.create("stopped", [("replicas", 0)])
        let report = try await check.check(repairing: true)
        #expect(report.findings.isEmpty && report.checked == ["model_services": 3])
    }

    @Test func listsAgainWhatIsInNoIndex() async throws {
        let id = try await running()
        try await serving.memory.transact([.delete(key: "index:service:\(Shard(of: id.uuid))", etag: nil)])
        #expect(try await serving.repository.list(PageRequest(size: 10), where: { _ in true }).elements.isEmpty)
        try await expectMended(["record_without_index"])
        #expect(
            try await serving.repository.list(PageRequest(size: 10), where: { _ in true }).elements.map(\.id) == [id])
    }

    @Test func forgetsWhatHasNoRecord() async throws {
        let id = try await running()
        try await serving.memory.transact([.delete(key: "service:\(id)", etag: nil)])
        let found = try await check.check(repairing: true)
        #expect(Set(found.findings.map(\.kind)).isSuperset(of: ["index_without_record", "route_without_service"]))
        #expect(try await check.check(repairing: false).findings.isEmpty)
        #expect(try await RouteTable.read(from: serving.repository.records).routes.isEmpty)
    }

    @Test func remembersWhatIsUnsettled() async throws {
        let path = try await serving.create()
        let id = try #require(ModelServiceID(String(path.split(separator: "/").last ?? "")))
        try await serving.memory.transact([.delete(key: "work:\(Shard(of: id.uuid))", etag: nil)])
        #expect(try await serving.repository.unsettled().isEmpty)
        try await expectMended(["work_differs"])
        try await serving.settle()
        #expect(try await serving.get(path)["status"] == "running")
    }

    @Test func offersAgainWhatIsInNoRouteTable() async throws {
        let id = try await running()
        let before = try await RouteTable.read(from: serving.repository.records).routes
        try await serving.memory.transact([.delete(key: "routes:\(Shard(of: id.uuid))", etag: nil)])
        try await expectMended(["route_differs"])
        #expect(try await RouteTable.read(from: serving.repository.records).routes == before)
    }

    @Test func leadsInstancesToTheirService() async throws {
        let id = try await running()
        let service = try #require(try await serving.repository.find(id))
        let instance = try #require(service.instances.first?.id)
        try await serving.memory.transact([.delete(key: "instance:\(instance)", etag: nil)])
        try await expectMended(["instance_without_record"])
        #expect(try await serving.repository.find(instance: instance)?.id == id)
    }
}
