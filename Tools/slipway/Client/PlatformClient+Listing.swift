import Domain
import HTTP
import JSON

extension PlatformClient {
    /// Things asked for at once.
    static let pageSize = 200
    /// Pages read at most: a listing of more needs a narrower question.
    static let maximumPages = 500

    /// Every element of a listing, in the order of creation.
    /// - Parameters:
    ///   - member: the member of the answer that holds a page's elements.
    ///   - query: filters, encoded: `name=x`.
    func list(
        _ path: String, _ member: String, query: [String] = [], of server: Settings.Server
    ) async throws(CommandFailure) -> [JSONValue] {
        let filters = query.map { "&" + $0 }.joined()
        var elements: [JSONValue] = []
        var next = ""
        for _ in 0..<Self.maximumPages {
            let page = try await call(.get, "\(path)?page_size=\(Self.pageSize)\(filters)\(next)", of: server).body
            elements += page[member]?.arrayValue ?? []
            guard let token = page["next_page_token"]?.stringValue, !token.isEmpty else { return elements }
            next = "&page_token=\(PercentEncoding.encode(token))"
        }
        throw CommandFailure(.failed, "There are more than \(Self.maximumPages * Self.pageSize) elements.")
    }

    /// The element with this name; nil if there is none.
    func find(
        named name: String, in path: String, _ member: String, of server: Settings.Server
    ) async throws(CommandFailure) -> JSONValue? {
        let query = "?name=\(PercentEncoding.encode(name))"
        return try await call(.get, path + query, of: server).body[member]?.arrayValue?.first
    }

    /// The id behind what a user typed: an id, or a name.
    /// - Throws: `.notFound`, with the nearest name that exists.
    func id(
        of nameOrID: String, kind: String, in path: String, _ member: String, of server: Settings.Server
    ) async throws(CommandFailure) -> String {
        if let uuid = UUIDv7(nameOrID) { return uuid.description }
        do throws(CommandFailure) {
            let found = try await find(named: nameOrID, in: path, member, of: server)
            if let id = found?["id"]?.stringValue { return id }
        } catch  where error.status == .usage {
            // What can be no name is the name of nothing.
        }
        let names = try await list(path, member, of: server).compactMap { $0["name"]?.stringValue }
        let guess = nearestWord(to: nameOrID, among: names)
        throw CommandFailure(
            .notFound, "There is no \(kind) \"\(nameOrID)\".",
            hints: guess.map { ["Did you mean \($0)?"] } ?? [])
    }
}
