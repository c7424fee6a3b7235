import Domain
import HTTP
import JSON

/// `slipway pools …`
let poolCommands = Command(
    "pools", "Say what there is to serve with, and see what is held",
    examples: ["slipway pools list", "slipway pools create rack-1 --type GPU --capacity 8"],
    group: [
        Command(
            "list", "List the pools", examples: ["slipway pools list"]
        ) { invocation throws(CommandFailure) in
            let pools = try await invocation.client.list("/resource_pools", "resource_pools", of: .resourceManagement)
            invocation.show(.array(pools)) { _ in
                var table = Table(["name", "type", "available", "total", "location", "group", "id"])
                for pool in pools {
                    table.add([
                        pool.cell("name"), pool.cell("resource_type"), amount(pool, "available_capacity"),
                        amount(pool, "total_capacity"), pool.cell("location"), pool.cell("resource_group"),
                        pool.cell("id"),
                    ])
                }
                return table.text
            }
        },
        Command(
            "get", "Show a pool and who holds what of it", arguments: [poolArgument],
            examples: ["slipway pools get local-cpu"]
        ) { invocation throws(CommandFailure) in
            let id = try await invocation.client.poolID(invocation.arguments.argument("POOL"))
            let pool = try await invocation.client.call(.get, "/resource_pools/\(id)", of: .resourceManagement).body
            let allocations = try await invocation.client.list(
                "/resource_pools/\(id)/allocations", "allocations", of: .resourceManagement)
            invocation.show(pool) { _ in describe(pool, allocations) }
        },
        Command(
            "create", "Add a pool", arguments: [.init("NAME", "the pool's name")],
            flags: [
                .init("type", value: "TYPE", "GPU (devices), CPU (millicores) or Memory (MiB)"),
                .init("capacity", value: "N", "how much of it, in the type's unit"),
                .init("location", value: "TEXT", "where it is"),
                .init("resource-group", value: "NAME", "the group it belongs to"),
            ],
            examples: ["slipway pools create rack-1 --type GPU --capacity 8 --location berlin"]
        ) { invocation throws(CommandFailure) in
            try await createPool(invocation)
        },
        Command(
            "delete", "Remove a pool of which nothing is held", arguments: [poolArgument],
            examples: ["slipway pools delete rack-1"]
        ) { invocation throws(CommandFailure) in
            let name = invocation.arguments.argument("POOL")
            let id = try await invocation.client.poolID(name)
            _ = try await invocation.client.call(.delete, "/resource_pools/\(id)", of: .resourceManagement)
            invocation.confirm("Removed the pool \(name).")
        },
    ])

private let poolArgument = Command.Argument("POOL", "name or id")

extension PlatformClient {
    func poolID(_ nameOrID: String) async throws(CommandFailure) -> String {
        try await id(of: nameOrID, kind: "pool", in: "/resource_pools", "resource_pools", of: .resourceManagement)
    }
}

private func createPool(_ invocation: Invocation) async throws(CommandFailure) {
    let arguments = invocation.arguments
    guard let type = try arguments.choice("type", ResourceType.self) else {
        throw CommandFailure(.usage, "--type is missing: GPU, CPU or Memory.")
    }
    guard let capacity = try arguments.integer("capacity", in: 0...Int64.max) else {
        throw CommandFailure(.usage, "--capacity is missing: how much there is.")
    }
    var body = JSONObject([
        ("name", .string(arguments.argument("NAME"))), ("resource_type", .string(type.rawValue)),
        ("total_capacity", .integer(capacity)),
    ])
    body["location"] = arguments.string("location").map { .string($0) }
    body["resource_group"] = arguments.string("resource-group").map { .string($0) }
    let answer = try await invocation.client.call(
        .post, "/resource_pools", of: .resourceManagement, body: .object(body), fields: idempotencyKey())
    invocation.show(answer.body) { _ in "Created the pool \(arguments.argument("NAME")).\n" }
}

/// `1500m` of CPU, `2.0 GiB` of memory, `1` of devices.
private func amount(_ pool: JSONValue, _ member: String) -> String {
    guard let amount = pool[member]?.integerValue else { return pool.cell(member) }
    switch ResourceType(rawValue: pool.cell("resource_type")) {
    case .cpu: return "\(amount)m"
    case .memory: return byteText(amount << 20)
    case .gpu, nil: return String(amount)
    }
}

private func describe(_ pool: JSONValue, _ allocations: [JSONValue]) -> String {
    var details = Details()
    details.add("name", pool.cell("name"))
    details.add("id", pool.cell("id"))
    details.add("type", pool.cell("resource_type"))
    details.add("available", "\(amount(pool, "available_capacity")) of \(amount(pool, "total_capacity"))")
    details.add("location", pool.cell("location"))
    details.add("group", pool.cell("resource_group"))
    details.add("labels", pool.pairsCell("labels"))
    details.add("created", pool.timeCell("created_at"))
    guard !allocations.isEmpty else { return details.text }
    var table = Table(["held", "service", "instance", "since"])
    for allocation in allocations {
        table.add([
            allocation.cell("allocated_capacity"), allocation.cell("service_id"), allocation.cell("instance_id"),
            allocation.timeCell("created_at"),
        ])
    }
    return details.text + "\n" + table.text
}
