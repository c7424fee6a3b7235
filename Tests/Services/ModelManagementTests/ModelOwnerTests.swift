import Audit
import Domain
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelManagement

/// Who may do what with whose models, at the served API.
struct ModelOwnerTests {
    private static let rules = """
        g, alice, role:model-author
        g, bob, role:model-author
        g, rita, role:model-reader
        g, edna, role:model-editor
        g, mona, role:model-manager
        """
    private static let absent = "01920000-0000-7000-8000-00000000ffff"

    private let models: ModelServerUnderTest
    private let server: InProcessServer

    init() throws {
        models = try ModelServerUnderTest()
        server = try models.knowing(Self.rules)
    }

    private func create(_ name: String, as caller: String) async throws -> String {
        let answer = try await server.send(.post, "/models", ["name": .string(name)], as: caller)
        return try #require(answer.json["id"]?.stringValue, "\(answer.text)")
    }

    @Test func ownersMayReadUpdateAndDeleteWhatIsTheirs() async throws {
        let path = "/models/\(try await create("a", as: "alice"))"
        #expect(try await server.send(.get, path, as: "alice").json["owner_id"] == "alice")
        #expect(try await server.send(.put, path, ["name": "b"], as: "alice").json["owner_id"] == "alice")
        let file: JSONValue = ["model_file_url": "file:///a", "sha256": .string(digest)]
        #expect(try await server.send(.post, "\(path)/versions", file, as: "alice").status == 201)
        #expect(try await server.send(.get, "\(path)/versions/1", as: "alice").status == 200)
        #expect(try await server.send(.put, "\(path)/aliases/x", ["version": 1], as: "alice").status == 200)
        #expect(try await server.send(.delete, path, as: "alice").status == 204)
        #expect(try await server.send(.get, path, as: "alice").status == 404)
    }

    static let requests: [(HTTPMethod, String, JSONValue?)] = [
        (.get, "", nil), (.head, "", nil), (.put, "", ["name": "x"]), (.put, "", ["nmae": 7]), (.delete, "", nil),
        (.delete, "?x=1", nil), (.post, "/versions", ["model_file_url": "file:///a"]), (.get, "/versions", nil),
        (.get, "/versions?page_size=0", nil), (.get, "/versions/1", nil), (.get, "/versions/x", nil),
        (.put, "/aliases/a", ["version": 1]), (.put, "/aliases/7", nil), (.delete, "/aliases/a", nil),
    ]

    @Test(arguments: requests) func othersSeeWhatTheySeeWhereThereIsNothing(
        method: HTTPMethod, suffix: String, body: JSONValue?
    ) async throws {
        let id = try await create("a", as: "alice")
        for (foreign, absent) in [(id, Self.absent), (id.uppercased(), Self.absent.uppercased())] {
            let hidden = try await server.send(method, "/models/\(foreign)\(suffix)", body, as: "bob")
            let missing = try await server.send(method, "/models/\(absent)\(suffix)", body, as: "bob")
            #expect(hidden.status == 404)
            let ids = [id, Self.absent, foreign, absent]
            #expect(hidden.appearance(without: ids) == missing.appearance(without: ids))
        }
        #expect(try await server.send(.get, "/models/\(id)", as: "alice").status == 200)
    }

    @Test func whoMayReadIsToldWhatItMayNot() async throws {
        let path = "/models/\(try await create("a", as: "alice"))"
        #expect(try await server.send(.get, path, as: "rita").status == 200)
        for method in [HTTPMethod.put, .delete] {
            #expect(try await server.send(method, path, ["name": "x"], as: "rita").status == 403)
        }
        #expect(try await server.send(.put, path, ["name": "x"], as: "edna").status == 200)
        #expect(try await server.send(.delete, path, as: "edna").status == 403)
        #expect(try await server.send(.delete, path, as: "mona").status == 204)
    }

    @Test func whoMayNothingLearnsNothing() async throws {
        let id = try await create("a", as: "alice")
        for (method, suffix, body) in Self.requests {
            let there = try await server.send(method, "/models/\(id)\(suffix)", body, as: "eve")
            let absent = try await server.send(method, "/models/\(Self.absent)\(suffix)", body, as: "eve")
            #expect(there.status == 403)
            #expect(there.appearance(without: [id, Self.absent]) == absent.appearance(without: [id, Self.absent]))
        }
        #expect(try await server.send(.get, "/models", as: "eve").status == 403)
    }

    @Test func listsShowWhatTheirReaderMayGet() async throws {
        var ids: [String: [String]] = [:]
        for number in 0..<30 {
            let owner = number % 3 == 0 ? "alice" : "bob"
            ids[owner, default: []].append(try await create("m-\(number)", as: owner))
        }
        for (reader, expected) in ["alice": 10, "bob": 20, "rita": 30, "edna": 30] {
            for size in [1, 4, 7, 500] {
                let pages = try await pages(size, as: reader)
                #expect(pages.dropLast().allSatisfy { $0.count == size }, "\(reader) \(size)")
                #expect(pages.joined().count == expected, "\(reader) \(size)")
                if let own = ids[reader], reader != "edna" { #expect(Array(pages.joined()) == own) }
            }
        }
        #expect(try await names("m-0", as: "alice") == ["m-0"])
        #expect(try await names("m-0", as: "rita") == ["m-0"])
        #expect(try await names("m-0", as: "bob").isEmpty)
        #expect(try await names("m-99", as: "bob").isEmpty)
    }

    @Test func onlyWhoMayAssignOwnersDoesSo() async throws {
        let made: JSONValue = ["name": "a", "owner_id": "bob"]
        #expect(try await server.send(.post, "/models", made, as: "alice").status == 403)
        #expect(try await server.send(.post, "/models", made, as: "edna").status == 403)
        #expect(try await server.send(.post, "/models", ["name": "a", "owner_id": "alice"], as: "alice").status == 201)
        let path = "/models/\(try await create("b", as: "alice"))"
        // Neither to give it away, nor to take it.
        #expect(try await server.send(.put, path, ["name": "b", "owner_id": "bob"], as: "alice").status == 403)
        #expect(try await server.send(.put, path, ["name": "b", "owner_id": "edna"], as: "edna").status == 403)
        #expect(try await server.send(.put, path, ["name": "b", "owner_id": "alice"], as: "alice").status == 200)
        #expect(try await server.send(.put, path, ["name": "b", "owner_id": "bob"], as: "mona").status == 200)
        #expect(try await server.send(.get, path, as: "alice").status == 404)
        #expect(try await server.send(.get, path, as: "bob").status == 200)
        #expect(try await server.send(.post, "/models", ["name": "c", "owner_id": "bob"], as: "mona").status == 201)
    }

    @Test func tellsTheAuditOfWhatItHides() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hidden-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let audit = try AuditLog(in: folder) { Timestamp(millisecondsSinceEpoch: 0) }
        let server = try models.knowing(Self.rules, audit: audit)
        let id = try await create("a", as: "alice")
        try await server.send(.get, "/models/\(id)", as: "bob")
        try await server.send(.delete, "/models/\(id)", as: "alice")
        let text = try String(contentsOfFile: "\(folder)/00000000000000000001.jsonl", encoding: .utf8)
        let lines = try text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(lines.compactMap { $0["event"]?.stringValue } == ["refusal", "change", "outcome"])
        #expect(
            lines[0]["status"] == 404 && lines[0]["subject"] == "bob" && lines[0]["object"] == .string("models/\(id)"))
        #expect(lines[1]["rule"]?.stringValue?.contains("model:delete_own") == true)
    }

    private func pages(_ size: Int, as reader: String) async throws -> [[String]] {
        var pages: [[String]] = []
        var token = ""
        repeat {
            let answer = try await server.send(.get, "/models?page_size=\(size)&page_token=\(token)", as: reader)
            pages.append((answer.json["models"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue })
            token = answer.json["next_page_token"]?.stringValue ?? ""
        } while !token.isEmpty
        return pages
    }

    private func names(_ name: String, as reader: String) async throws -> [String] {
        let answer = try await server.send(.get, "/models?name=\(name)", as: reader)
        #expect(answer.status == 200)
        return (answer.json["models"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
}
