import Contracts
import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// `/usage_reports`: what gateways tell of the requests that instances served. `/gateway_reports`: what they tell of
/// themselves.
struct UsageRoutes: Sendable {
    let store: any UsageStore
    let gateways: DaprGatewayBook

    var routes: [Route] {
        [
            .post("/usage_reports", .requires("usage:report"), report).polled(),
            .post("/gateway_reports", .requires("gateway:report"), note).polled(),
        ]
    }

    private func note(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let fields = JSONFields(try await request.json())
        let gateway = fields.visibleName("gateway_id")
        let versions = fields.optionalString("versions", maximumLength: GatewayReport.maximumVersionsLength) ?? ""
        if RouteShardsDocument.versions(versions) == nil { fields.reject("versions", "must be like 3:12,41:7") }
        let list = fields.optional("busy_instances")?.arrayValue ?? []
        let busy = list.compactMap { $0.stringValue.flatMap { ModelServiceInstanceID($0) } }
        if busy.count != list.count || busy.count > GatewayReport.maximumInstances {
            fields.reject("busy_instances", "must be a list of at most \(GatewayReport.maximumInstances) UUIDs")
        }
        try fields.validate()
        try await gateways.note(GatewayReport(gatewayID: gateway, versions: versions, busyInstances: busy))
        return HTTPResponse(.noContent)
    }

    private func report(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let batch = try Self.batch(try await request.json())
        return .json(.ok, ["applied": .bool(try await store.apply(batch))])
    }

    private static func batch(_ body: JSONValue) throws(ServiceError) -> UsageBatch {
        let fields = JSONFields(body)
        let gateway = fields.visibleName("gateway_id")
        let incarnation = fields.visibleName("incarnation")
        let sequence = fields.integer("sequence", in: 1...UsageCounts.maximum)
        let list = fields.optional("instances")?.arrayValue
        if list == nil { fields.reject("instances", "must be a list") }
        if (list?.count ?? 0) > UsageReport.maximumInstances {
            fields.reject("instances", "must not have more than \(UsageReport.maximumInstances) elements")
        }
        try fields.validate()
        var counts: [ModelServiceInstanceID: UsageCounts] = [:]
        for (index, element) in (list ?? []).enumerated() {
            let fields = JSONFields(element, at: "/instances/\(index)")
            let id = ModelServiceInstanceID(fields.string("id", maximumLength: 36))
            if id == nil { fields.reject("id", "must be a UUID") }
            let nested = fields.optionalObject("counts")
            if nested == nil { fields.reject("counts", "must be an object") }
            let value = nested.map(UsageCounts.init)
            try fields.validate()
            if let id, let value { counts[id, default: UsageCounts()] += value }
        }
        return UsageBatch(gateway: gateway, incarnation: incarnation, sequence: sequence, counts: counts)
    }

    static let operations: [APIOperation] = [
        APIOperation(
            .post, "/usage_reports", .requires("usage:report"), id: "reportUsage",
            "Tell what instances served since the last report of this gateway. Each report counts once.",
            request: APISchema.object([
                ("gateway_id", APISchema.text(UsageReport.maximumNameLength, "Names the gateway.")),
                (
                    "incarnation",
                    APISchema.text(UsageReport.maximumNameLength, "Another whenever reports are numbered anew.")
                ),
                ("sequence", ["type": "integer", "minimum": 1]),
                (
                    "instances",
                    APISchema.list(of: APISchema.object([("id", APISchema.uuid), ("counts", counts)]))
                ),
            ]),
            responses: [
                .init(
                    .ok, "Counted, by this request or by an earlier one.",
                    APISchema.object([("applied", ["type": "boolean"])]))
            ]),
        APIOperation(
            .post, "/gateway_reports", .requires("gateway:report"), id: "reportGateway",
            "Tell which routes a gateway goes by, and where it has requests left though the routes do not say so.",
            request: APISchema.object([
                ("gateway_id", APISchema.text(GatewayReport.maximumNameLength, "Names the gateway.")),
                (
                    "versions",
                    APISchema.text(GatewayReport.maximumVersionsLength, "Of the shards of routes, as in 3:12,41:7.")
                ), ("busy_instances", APISchema.list(of: APISchema.uuid)),
            ]),
            responses: [.init(.noContent, "Noted.")]),
    ]

    private static let counts = APISchema.object([
        ("requests", APISchema.count), ("errors", APISchema.count), ("duration_us", APISchema.count),
        ("answers", APISchema.count), ("first_byte_us", APISchema.count), ("prompt_tokens", APISchema.count),
        ("completion_tokens", APISchema.count),
    ])
}

extension JSONFields {
    /// Visible ASCII without `|`, which the state store keeps for itself.
    fileprivate func visibleName(_ name: String) -> String {
        let text = string(name, maximumLength: UsageReport.maximumNameLength)
        let isUsable = !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x7C }
        if !isUsable { reject(name, "must be visible characters without |") }
        return text
    }
}

extension UsageCounts {
    fileprivate init(_ fields: JSONFields) {
        self.init()
        func count(_ name: String) -> Int64 { fields.optionalInteger(name, in: 0...Self.maximum) ?? 0 }
        requests = count("requests")
        errors = count("errors")
        durationMicroseconds = count("duration_us")
        answers = count("answers")
        firstByteMicroseconds = count("first_byte_us")
        promptTokens = count("prompt_tokens")
        completionTokens = count("completion_tokens")
    }
}
