import Contracts
import ControlPlane
import Domain
import FoundationEssentials
import HTTP

/// `/routes`: what the gateway asks for several times a second.
struct RouteTableRoutes: Sendable {
    /// Characters of `versions`.
    private static let maximumVersionsLength = 2048

    let read: @Sendable () async throws(ServiceError) -> RouteTable
    let shards: @Sendable ([Int: Int64]?) async throws(ServiceError) -> [RouteShardsDocument.Shard]

    var routes: [Route] { [.get("/routes", .requires("route:list"), get).polled()] }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let query = try QueryParameters(request, known: ["versions"])
        if let text = query["versions"] { return try await changed(since: text) }
        let table = try await read()
        let fields: HTTPFields = ["ETag": table.entityTag, "Cache-Control": "no-cache"]
        if request.fields.values("If-None-Match").contains(table.entityTag) {
            return HTTPResponse(304, fields: fields)
        }
        return try Self.answer(RouteTableDocument(routes: table.routes), fields)
    }

    private func changed(since text: String) async throws -> HTTPResponse {
        guard text.utf8.count <= Self.maximumVersionsLength, let known = RouteShardsDocument.versions(text) else {
            throw ServiceError.invalid("versions", "must be like 3:12,41:7, shards with their versions")
        }
        let document = RouteShardsDocument(shards: try await shards(known.isEmpty ? nil : known))
        return try Self.answer(document, ["Cache-Control": "no-cache"])
    }

    private static func answer(_ document: some Encodable, _ fields: HTTPFields) throws(ServiceError) -> HTTPResponse {
        let encoder = JSONEncoder()
        // The same tag always means the same bytes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: Data
        do {
            body = try encoder.encode(document)
        } catch {
            throw ServiceError.internalFault(detail: "the route table cannot be written: \(error)")
        }
        var response = HTTPResponse(.ok, fields: fields, body: .bytes(Array(body)))
        response.fields.append("Content-Type", "application/json")
        return response
    }
}
