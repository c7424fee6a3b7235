import Domain
import HTTP
import JSON

/// `/consistency`: whether a service's state agrees with itself, for those who run it.
public struct ConsistencyRoutes: Sendable {
    private let check: any ConsistencyCheck

    public init(_ check: any ConsistencyCheck) { self.check = check }

    public var routes: [Route] {
        [
            .get("/consistency", .requires("consistency:check"), look),
            .post("/consistency:repair", .requires("consistency:repair"), repair),
        ]
    }

    /// What the service's document says of them.
    public static let operations: [APIOperation] = [
        APIOperation(
            .get, "/consistency", .requires("consistency:check"), id: "checkConsistency",
            "Compare everything that must agree in this service's state. Changes nothing.",
            responses: [.init(.ok, "What was found.", APISchema.reference("ConsistencyReport"))]),
        APIOperation(
            .post, "/consistency:repair", .requires("consistency:repair"), id: "repairConsistency",
            "The same, and mend what can be mended. May be repeated.",
            responses: [
                .init(.ok, "What was found, and what of it is mended.", APISchema.reference("ConsistencyReport"))
            ]),
    ]

    public static let schemas: [(String, JSONValue)] = [
        (
            "ConsistencyReport",
            APISchema.object(
                [
                    ("findings", APISchema.list(of: APISchema.reference("ConsistencyFinding"))),
                    (
                        "checked",
                        [
                            "type": "object", "additionalProperties": APISchema.count,
                            "description": "How many of each were looked at.",
                        ]
                    ),
                    ("truncated", ["type": "boolean", "description": "Whether there are more findings than these."]),
                ], required: ["findings", "checked", "truncated"])
        ),
        (
            "ConsistencyFinding",
            APISchema.object(
                [
                    ("kind", ["type": "string", "description": "Which invariant is broken."]),
                    ("subject", ["type": "string", "description": "The key of the record that it is about."]),
                    ("message", ["type": "string", "description": "What was found, and what to do."]),
                    ("repaired", ["type": "boolean"]),
                ], required: ["kind", "subject", "message", "repaired"])
        ),
    ]

    private func look(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        return .json(.ok, Self.json(try await check.check(repairing: false)))
    }

    private func repair(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        return .json(.ok, Self.json(try await check.check(repairing: true)))
    }

    private static func json(_ report: ConsistencyReport) -> JSONValue {
        let findings = report.findings.map { finding -> JSONValue in
            [
                "kind": .string(finding.kind), "subject": .string(finding.subject),
                "message": .string(finding.message), "repaired": .bool(finding.isRepaired),
            ]
        }
        let checked = report.checked.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.integer(Int64($0.value))) }
        return [
            "findings": .array(findings), "checked": .object(JSONObject(checked)),
            "truncated": .bool(report.isTruncated),
        ]
    }
}
