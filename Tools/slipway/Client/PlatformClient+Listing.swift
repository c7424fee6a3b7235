import Domain
import HTTP
import JSON

extension PlatformClient {
    /// Things asked for at once.
    static let pageSize = 200
    /// Pages read at most: a listing of more needs a narrower question.
    static let maximumPages = 500

    /// Every element of a listing, in the order of creation.
    /// - Parameter member: the member of the answer that holds a page's elements.
    func list(_ path: String, _ member: String, of server: Settings.Server) async throws(CommandFailure) -> [JSONValue]
    {
        var elements: [JSONValue] = []
        var token: String?
        for _ in 0..<Self.maximumPages {
            let next = token.map { "&page_token=\(PercentEncoding.encode($0))" } ?? ""
            let page = try await call(.get, "\(path)?page_size=\(Self.pageSize)\(next)", of: server).body
            elements += page[member]?.arrayValue ?? []
            token = page["next_page_token"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            if token == nil { return elements }
        }
        throw CommandFailure(.failed, "There are more than \(Self.maximumPages * Self.pageSize) elements.")
    }

    /// The element with this name; nil if there is none.
    func find(
        named name: String, in path: String, _ member: String, of server: Settings.Server
    ) async throws(CommandFailure) -> JSONValue? {
        try await list(path, member, of: server).first { $0["name"]?.stringValue == name }
    }

    /// The id behind what a user typed: an id, or a name.
    /// - Throws: `.notFound`, with the nearest name that exists.
    func id(
        of nameOrID: String, kind: String, in path: String, _ member: String, of server: Settings.Server
    ) async throws(CommandFailure) -> String {
        if let uuid = UUIDv7(nameOrID) { return uuid.description }
        let elements = try await list(path, member, of: server)
        if let id = elements.first(where: { $0["name"]?.stringValue == nameOrID })?["id"]?.stringValue { return id }
        let guess = nearestWord(to: nameOrID, among: elements.compactMap { $0["name"]?.stringValue })
        throw CommandFailure(
            .notFound, "There is no \(kind) \"\(nameOrID)\".",
            hints: guess.map { ["Did you mean \($0)?"] } ?? [])
    }
}
