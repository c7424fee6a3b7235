import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct LocalPoolsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bring(_ machine: MachineResources, existing: [JSONValue]) async throws -> ScriptedTransport {
        let transport = ScriptedTransport { exchange in
            switch exchange.request.method {
            case .get where exchange.request.path == "/resource_pools":
                return .json(200, ["resource_pools": .array(existing)])
            case .get:
                let id = exchange.request.path.split(separator: "/").last
                let pool = existing.first { $0.cell("id") == id.map(String.init) } ?? .null
                return .json(200, pool, fields: ["ETag": "\"7\""])
            case .post: return .json(201, ["id": "new"])
            default: return .json(200, .null)
            }
        }
        let settings = try Settings(
            arguments: ParsedArguments(), environment: ["SLIPWAY_ADMIN_KEY": "key"], workingFolder: folder.folder)
        try await LocalPools(client: PlatformClient(transport: transport, settings: settings)).bring(machine)
        return transport
    }

    private func pool(_ id: String, _ name: String, total: Int64, available: Int64) -> JSONValue {
        [
            "id": .string(id), "name": .string(name), "resource_type": name == "local-cpu" ? "CPU" : "Memory",
            "total_capacity": .integer(total), "available_capacity": .integer(available), "location": "local",
        ]
    }

    @Test func makesThePoolsOfThisMachine() async throws {
        let transport = try await bring(MachineResources(cores: 2, memoryMebibytes: 100, gpus: 0), existing: [])
        let created = transport.exchanges.filter { $0.request.method == .post }.map(\.body)
        #expect(created.map { $0.cell("name") } == ["local-cpu", "local-memory"])
        #expect(created.map { $0.cell("resource_type") } == ["CPU", "Memory"])
        #expect(created.map { $0["total_capacity"] } == [2000, 100])
    }

    @Test func changesNothingTheSecondTime() async throws {
        let transport = try await bring(
            MachineResources(cores: 2, memoryMebibytes: 100, gpus: 0),
            existing: [
                pool("1", "local-cpu", total: 2000, available: 500),
                pool("2", "local-memory", total: 100, available: 0),
            ])
        #expect(transport.exchanges.allSatisfy { $0.request.method == .get })
    }

    @Test func followsTheMachineButNeverBelowWhatIsHeld() async throws {
        let transport = try await bring(
            MachineResources(cores: 1, memoryMebibytes: 200, gpus: 0),
            existing: [
                pool("1", "local-cpu", total: 2000, available: 500),
                pool("2", "local-memory", total: 100, available: 0),
            ])
        let updates = transport.exchanges.filter { $0.request.method == .put }
        #expect(updates.map(\.line) == ["PUT /resource_pools/1", "PUT /resource_pools/2"])
        #expect(updates.map { $0.body["total_capacity"] } == [1500, 200])
        #expect(updates.map { $0.request.fields["If-Match"] } == ["\"7\"", "\"7\""])
        #expect(updates[0].body.cell("location") == "local")
    }
}
