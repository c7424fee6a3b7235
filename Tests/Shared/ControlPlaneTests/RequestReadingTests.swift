import ControlPlane
import Domain
import HTTP
import JSON
import Observability
import TestSupport
import Testing

struct RequestReadingTests {
    // MARK: Pages

    @Test func readsAPageRequest() throws {
        let parameters = try PageParameters(HTTPRequest(.get, "/models?page_size=7&name=a"), filters: ["name"])
        #expect(parameters.page == PageRequest(size: 7))
        #expect(parameters["name"] == "a")
    }

    @Test func leadsFromPageToPage() throws {
        let token = try #require(pageToken(on: "/models?page_size=1", next: "mark 1"))
        let second = try PageParameters(HTTPRequest(.get, "/models?page_size=1&page_token=\(token)"))
        #expect(second.page == PageRequest(size: 1, after: "mark 1"))
    }

    @Test func refusesATokenOfAnotherList() throws {
        let token = try #require(pageToken(on: "/models", next: "mark"))
        #expect(throws: ServiceError.self) {
            try PageParameters(HTTPRequest(.get, "/resource_pools?page_token=\(token)"))
        }
        #expect(throws: ServiceError.self) {
            try PageParameters(HTTPRequest(.get, "/models?name=a&page_token=\(token)"), filters: ["name"])
        }
    }

    @Test(arguments: [
        "page_size=0", "page_size=501", "page_size=-1", "page_size=x", "page_size=1.5", "page_token=x",
        "page_token=AAAA", "page_token=../../etc", "page_size=1&page_size=2", "pagesize=1", "page_token=%00",
        "page_size=99999999999999999999",
    ])
    func refusesABadPageRequest(query: String) {
        #expect(throws: ServiceError.self) { try PageParameters(HTTPRequest(.get, "/models?\(query)")) }
    }

    private func pageToken(on target: String, next: String) -> String? {
        let parameters = try? PageParameters(HTTPRequest(.get, target))
        let response = parameters?.response(Page(elements: [1], next: next), as: "models") { .integer(Int64($0)) }
        guard case .bytes(let bytes) = response?.body else { return nil }
        return (try? JSONParser.parse(bytes))?["next_page_token"]?.stringValue
    }

    // MARK: Preconditions

    @Test(arguments: [
        (nil, Precondition.none), ("*", .none), ("\"7\"", .generations([7])), ("\"7\", \"8\"", .generations([7, 8])),
        ("\"7\",\"8\"", .generations([7, 8])), ("W/\"7\"", .generations([])), ("\"etag-of-others\"", .generations([])),
        ("\"\"", .generations([])),
    ])
    func readsAPrecondition(value: String?, expected: Precondition) throws {
        var request = HTTPRequest(.put, "/models/1")
        if let value { request.fields.append("If-Match", value) }
        #expect(try request.precondition() == expected)
    }

    @Test(arguments: ["7", "\"7", "7\"", "", "\"7\",", "\"7\" \"8\"", "*, \"7\"", "w/\"7\"", "\"a\"b\""])
    func refusesWhatIsNoListOfTags(value: String) {
        let request = HTTPRequest(.put, "/models/1", fields: ["If-Match": value])
        #expect(throws: ServiceError.self) { try request.precondition() }
    }

    // MARK: Idempotency keys

    @Test func tellsKeysOfCallersAndPathsApart() throws {
        let first = try #require(try key("k"))
        #expect(try key("k") == first)
        #expect(try key("k2")?.digest != first.digest)
        #expect(try key("k", subject: "user:eve")?.digest != first.digest)
        #expect(try key("k", path: "/resource_pools")?.digest != first.digest)
        #expect(try key("k", body: ["a": 2])?.digest == first.digest)
        #expect(try key("k", body: ["a": 2])?.fingerprint != first.fingerprint)
        #expect(!"\(first)".contains("\"k\""))
    }

    @Test func readsNoKeyWhereNoneIs() throws {
        #expect(try key(nil) == nil)
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "k", count: 256), "a\tb"])
    func refusesABadKey(value: String) {
        #expect(throws: ServiceError.self) { try key(value) }
    }

    @Test func refusesTwoKeys() {
        let request = HTTPRequest(.post, "/models", fields: ["Idempotency-Key": "a", "idempotency-key": "a"])
        #expect(throws: ServiceError.self) { try request.idempotencyKey(context("admin"), body: [:]) }
    }

    private func key(
        _ key: String?, subject: String = "admin", path: String = "/models", body: JSONValue = ["a": 1]
    ) throws -> IdempotencyKey? {
        var request = HTTPRequest(.post, path)
        if let key { request.fields.append("Idempotency-Key", key) }
        return try request.idempotencyKey(context(subject), body: body)
    }

    private func context(_ subject: String) -> RequestContext {
        var generator = SeededGenerator(seed: 5)
        return RequestContext(
            requestID: "1", trace: TraceContext(using: &generator),
            principal: Principal(subject: subject, credential: .jwt))
    }
}
