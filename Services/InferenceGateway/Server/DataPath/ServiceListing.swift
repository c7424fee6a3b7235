import Domain
import HTTP
import InferenceGatewayCore
import JSON

/// `GET /v1/models`: services, in the form in which OpenAI lists models.
enum ServiceListing {
    static func list(_ routes: [ServiceRoute]) -> HTTPResponse {
        .json(.ok, ["object": "list", "data": .array(routes.map(document))])
    }

    static func entry(_ route: ServiceRoute) -> HTTPResponse {
        .json(.ok, document(route))
    }

    private static func document(_ route: ServiceRoute) -> JSONValue {
        // The first 48 bits of a UUIDv7 are its time in milliseconds.
        let createdSeconds = Int64(route.serviceID.uuid.high >> 16) / 1000
        return [
            "id": .string(route.name), "object": "model", "created": .integer(createdSeconds), "owned_by": "slipway",
        ]
    }
}
