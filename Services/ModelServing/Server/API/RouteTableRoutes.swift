import Contracts
import ControlPlane
import Domain
import FoundationEssentials
import HTTP

/// `/routes`: what the gateway asks for several times a second.
struct RouteTableRoutes: Sendable {
    let read: @Sendable () async throws(ServiceError) -> RouteTable

    var routes: [Route] { [.get("/routes", .requires("route:list"), get).polled()] }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let table = try await read()
        let fields: HTTPFields = ["ETag": table.entityTag, "Cache-Control": "no-cache"]
        if request.fields.values("If-None-Match").contains(table.entityTag) {
            return HTTPResponse(304, fields: fields)
        }
        let encoder = JSONEncoder()
        // The same tag always means the same bytes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: Data
        do {
            body = try encoder.encode(RouteTableDocument(routes: table.routes))
        } catch {
            throw ServiceError.internalFault(detail: "the route table cannot be written: \(error)")
        }
        var response = HTTPResponse(.ok, fields: fields, body: .bytes(Array(body)))
        response.fields.append("Content-Type", "application/json")
        return response
    }
}
