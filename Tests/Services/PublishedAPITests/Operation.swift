import HTTP
import JSON
import Testing

/// One method of one path, with what its caller must be allowed.
struct Operation: Hashable {
    let method: HTTPMethod
    let path: String
    /// Nil if anybody may.
    let permission: String?
    /// Of the gateway: guarded by the tokens of services, not by permissions.
    let isOfTheDataPath: Bool

    var name: String { "\(method) \(path)" }

    /// A target that the path's pattern matches.
    var sampleTarget: String {
        let segments = path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? "01920000-0000-7000-8000-000000000001" : String(segment)
        }
        return "/" + segments.joined(separator: "/")
    }

    init(_ route: Route) {
        method = route.method
        path = route.pattern.description
        isOfTheDataPath = false
        switch route.access {
        case .open: permission = nil
        case .requires(let needed): permission = needed
        }
    }

    private init(_ method: HTTPMethod, _ path: String, _ description: JSONValue) {
        self.method = method
        self.path = path
        permission = description["x-permission"]?.stringValue
        isOfTheDataPath = description["security"]?.arrayValue?.contains { $0["endpoint_token"] != nil } ?? false
    }

    /// Every operation of an OpenAPI document.
    static func all(in document: JSONValue) throws -> [Operation] {
        let paths = try #require(document["paths"]?.objectValue)
        return paths.members.flatMap { path in
            (path.value.objectValue?.members ?? []).compactMap { member in
                methods[member.name].map { Operation($0, path.name, member.value) }
            }
        }
    }

    private static let methods: [String: HTTPMethod] = [
        "get": .get, "put": .put, "post": .post, "delete": .delete, "patch": .patch,
    ]
}
