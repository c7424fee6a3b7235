import HTTP
import JSON

/// The pools that stand for this machine: made at the first start, and brought up to date at each later one.
struct LocalPools: Sendable {
    struct Pool: Hashable, Sendable {
        let name: String
        let type: String
        let capacity: Int64
    }

    let client: PlatformClient

    static func wanted(_ machine: MachineResources) -> [Pool] {
        let pools = [
            Pool(name: "local-cpu", type: "CPU", capacity: Int64(machine.cores) * 1000),
            Pool(name: "local-memory", type: "Memory", capacity: machine.memoryMebibytes),
            Pool(name: "local-gpu", type: "GPU", capacity: Int64(machine.gpus)),
        ]
        return pools.filter { $0.capacity > 0 }
    }

    /// Doing it again changes nothing. A pool never becomes smaller than what is held of it.
    func bring(_ machine: MachineResources) async throws(CommandFailure) {
        let existing = try await client.list("/resource_pools", "resource_pools", of: .resourceManagement)
        for pool in Self.wanted(machine) {
            if let found = existing.first(where: { $0.cell("name") == pool.name }) {
                try await update(found, to: pool)
            } else {
                try await create(pool)
            }
        }
    }

    private func create(_ pool: Pool) async throws(CommandFailure) {
        let body: JSONValue = [
            "name": .string(pool.name), "resource_type": .string(pool.type), "total_capacity": .integer(pool.capacity),
            "location": "local",
        ]
        _ = try await client.call(
            .post, "/resource_pools", of: .resourceManagement, body: body, fields: idempotencyKey())
    }

    private func update(_ found: JSONValue, to pool: Pool) async throws(CommandFailure) {
        let path = "/resource_pools/\(found.cell("id"))"
        let current = try await client.call(.get, path, of: .resourceManagement)
        guard let total = current.body["total_capacity"]?.integerValue,
            let available = current.body["available_capacity"]?.integerValue
        else { throw CommandFailure(.failed, "resource-management describes \(pool.name) without its capacity.") }
        let capacity = max(pool.capacity, total - available)
        guard capacity != total else { return }
        var body = JSONObject([("name", .string(pool.name)), ("total_capacity", .integer(capacity))])
        for member in ["resource_type", "location", "resource_group", "labels"] {
            body[member] = current.body[member].flatMap { $0.isNull ? nil : $0 }
        }
        let fields: HTTPFields = current.etag.map { ["If-Match": $0] } ?? [:]
        _ = try await client.call(.put, path, of: .resourceManagement, body: .object(body), fields: fields)
    }
}
