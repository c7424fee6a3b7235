/// A response, as a server is to send it or a client received it.
public struct HTTPResponse: Sendable {
    public var status: HTTPStatus
    public var fields: HTTPFields
    public var body: HTTPBody
    /// Of a response that a client received: the end of its body is the end of the connection, so that a whole body
    /// looks like one whose sender died.
    public var endsWithConnection = false

    public init(_ status: HTTPStatus, fields: HTTPFields = [:], body: HTTPBody = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// A status code, 100 to 599.
public struct HTTPStatus: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    public let code: Int

    public init(_ code: Int) { self.code = code }
    public init(integerLiteral value: Int) { code = value }

    public var isSuccess: Bool { (200..<300).contains(code) }
    public var description: String { String(code) }
}

extension HTTPStatus {
    public static let switchingProtocols: Self = 101
    public static let ok: Self = 200
    public static let created: Self = 201
    public static let accepted: Self = 202
    public static let noContent: Self = 204
    public static let badRequest: Self = 400
    public static let unauthorized: Self = 401
    public static let forbidden: Self = 403
    public static let notFound: Self = 404
    public static let methodNotAllowed: Self = 405
    public static let requestTimeout: Self = 408
    public static let conflict: Self = 409
    public static let preconditionFailed: Self = 412
    public static let contentTooLarge: Self = 413
    public static let unsupportedMediaType: Self = 415
    public static let unprocessableContent: Self = 422
    public static let tooManyRequests: Self = 429
    public static let internalServerError: Self = 500
    public static let badGateway: Self = 502
    public static let serviceUnavailable: Self = 503
    public static let gatewayTimeout: Self = 504

    /// The reason phrase of the common codes; "Status" for the rest, which HTTP/1.1 allows to be anything.
    public var reasonPhrase: String {
        switch code {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
