import HTTP
import JSON

/// One operation of an API, as its OpenAPI document tells it.
public struct APIOperation: Sendable {
    /// A header or query parameter.
    public struct Parameter: Sendable {
        let name: String
        let location: String
        let description: String
        let schema: JSONValue

        public static func query(_ name: String, _ description: String, _ schema: JSONValue = ["type": "string"])
            -> Self
        {
            Self(name: name, location: "query", description: description, schema: schema)
        }

        public static func header(_ name: String, _ description: String) -> Self {
            Self(name: name, location: "header", description: description, schema: ["type": "string"])
        }
    }

    public struct Response: Sendable {
        let status: HTTPStatus
        let description: String
        let schema: JSONValue?
        let mediaType: String

        public init(
            _ status: HTTPStatus, _ description: String, _ schema: JSONValue? = nil,
            mediaType: String = "application/json"
        ) {
            self.status = status
            self.description = description
            self.schema = schema
            self.mediaType = mediaType
        }
    }

    public let method: HTTPMethod
    public let path: String
    public let access: Route.Access
    /// `createModel`.
    let id: String
    let summary: String
    let parameters: [Parameter]
    let request: JSONValue?
    let responses: [Response]

    public init(
        _ method: HTTPMethod, _ path: String, _ access: Route.Access, id: String, _ summary: String,
        parameters: [Parameter] = [], request: JSONValue? = nil, responses: [Response]
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.id = id
        self.summary = summary
        self.parameters = parameters
        self.request = request
        self.responses = responses
    }
}

extension APIOperation.Parameter {
    public static let pageSize = query(
        "page_size", "Elements of a page at most. A page may hold fewer and still not be the last.",
        ["type": "integer", "minimum": 1, "maximum": 500, "default": 50])
    public static let pageToken = query(
        "page_token", "The `next_page_token` of the page before, with the same filters.")
    public static let idempotencyKey = header(
        "Idempotency-Key",
        "Makes a repetition safe for 24 hours: the same key and body get the first answer again.")
    public static let ifMatch = header(
        "If-Match", "The ETag of an earlier answer: if the resource has been changed since, the answer is 412.")
}

/// Pieces of schemas.
public enum APISchema {
    public static let uuid: JSONValue = ["type": "string", "format": "uuid"]
    public static let time: JSONValue = ["type": "string", "format": "date-time"]
    public static let count: JSONValue = ["type": "integer", "format": "int64", "minimum": 0]

    public static func text(_ maximumLength: Int, _ description: String? = nil) -> JSONValue {
        var schema = JSONObject([("type", "string"), ("maxLength", .integer(Int64(maximumLength)))])
        schema["description"] = description.map(JSONValue.string)
        return .object(schema)
    }

    public static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    public static func list(of element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    /// An object without members of other names.
    public static func object(_ properties: [(String, JSONValue)], required: [String] = []) -> JSONValue {
        var schema = JSONObject([
            ("type", "object"), ("properties", .object(JSONObject(properties))), ("additionalProperties", false),
        ])
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return .object(schema)
    }

    /// The answer of a listing.
    public static func page(of name: String, _ element: String) -> JSONValue {
        object([(name, list(of: reference(element))), ("next_page_token", ["type": "string"])], required: [name])
    }
}
