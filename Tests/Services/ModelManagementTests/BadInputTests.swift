import HTTP
import JSON
import ModelManagementCore
import TestSupport
import Testing

/// Whatever is sent, the answer is a problem document of class 4xx that names the field.
struct BadInputTests {
    let models: ModelServerUnderTest
    var server: InProcessServer { models.server }

    init() throws { models = try ModelServerUnderTest() }

    struct Sample: Sendable, CustomTestStringConvertible {
        let field: String
        let body: JSONValue
        var testDescription: String { "\(field) in \(JSONWriter.text(body).prefix(60))" }

        init(_ field: String, _ body: JSONValue) {
            self.field = field
            self.body = body
        }
    }

    static let long = String(repeating: "n", count: 10_000)
    static let deep = (0..<40).reduce(JSONValue.object(JSONObject())) { inner, _ in ["a": inner] }

    static let details: [Sample] = [
        Sample("/name", [:]), Sample("/name", ["name": ""]), Sample("/name", ["name": 7]),
        Sample("/name", ["name": nil]), Sample("/name", ["name": .string(long)]), Sample("/name", ["name": "A"]),
        Sample("/name", ["name": "a b"]), Sample("/name", ["name": "a/b"]), Sample("/name", ["name": "a\u{0}b"]),
        Sample("/name", ["name": "a\nb"]), Sample("/name", ["name": "-a"]), Sample("/name", ["name": "ä"]),
        Sample("/name", ["name": ["a"]]), Sample("/name", ["name": "a||b"]), Sample("/name", ["name": "../x"]),
        Sample("", []), Sample("", "text"), Sample("", nil), Sample("", 7),
        Sample("/nmae", ["name": "a", "nmae": "b"]), Sample("/id", ["name": "a", "id": "b"]),
        Sample("/a~1b~0c", ["name": "a", "a/b~c": 1]),
        Sample("/description", ["name": "a", "description": 7]),
        Sample("/description", ["name": "a", "description": .string(long)]),
        Sample("/description", ["name": "a", "description": "a\u{1B}[2J"]),
        Sample("/owner_id", ["name": "a", "owner_id": .string(long)]),
        Sample("/owner_id", ["name": "a", "owner_id": ""]),
        Sample("/metadata", ["name": "a", "metadata": []]),
        Sample("/metadata/colour", ["name": "a", "metadata": ["colour": 1]]),
        Sample("/metadata/input_schema", ["name": "a", "metadata": ["input_schema": "x"]]),
        Sample("/metadata/input_schema", ["name": "a", "metadata": ["input_schema": deep]]),
        Sample(
            "/metadata/output_schema",
            ["name": "a", "metadata": ["output_schema": ["a": .string(String(repeating: "x", count: 40_000))]]]),
        Sample("/metadata/token_context_limit", ["name": "a", "metadata": ["token_context_limit": 0]]),
        Sample("/metadata/token_context_limit", ["name": "a", "metadata": ["token_context_limit": 1.5]]),
        Sample("/metadata/token_context_limit", ["name": "a", "metadata": ["token_context_limit": "many"]]),
    ]

    @Test(arguments: details) func namesTheWrongFieldOfAModel(sample: Sample) async throws {
        let path = try await models.create("present")
        for (method, target) in [(HTTPMethod.post, "/models"), (.put, path)] {
            let answer = try await server.send(method, target, sample.body)
            #expect(answer.status == 400)
            #expect(answer.fields["Content-Type"] == "application/problem+json")
            // Of a body that is no object, the required fields are missing too.
            #expect(answer.wrongFields.first == sample.field)
            #expect(sample.field.isEmpty || answer.wrongFields.count == 1)
        }
    }

    static let files: [Sample] = [
        Sample("/model_file_url", file(url: 7)), Sample("/model_file_url", file(url: "")),
        Sample("/model_file_url", file(url: "models/a.gguf")), Sample("/model_file_url", file(url: "ftp://h/a")),
        Sample("/model_file_url", file(url: "file://host/a")), Sample("/model_file_url", file(url: "file:///")),
        Sample("/model_file_url", file(url: "https://")), Sample("/model_file_url", file(url: "http:///a")),
        Sample("/model_file_url", file(url: "https://user:secret@h/a")),
        Sample("/model_file_url", file(url: "https://h/a b")), Sample("/model_file_url", file(url: "https://h/a#b")),
        Sample("/model_file_url", file(url: "https://h:0/a")), Sample("/model_file_url", file(url: "https://h:x/a")),
        Sample("/model_file_url", file(url: "https://h:99999/a")), Sample("/model_file_url", file(url: "https://é/a")),
        Sample("/model_file_url", file(url: .string("https://h/" + long))),
        Sample("/model_file_url", file(url: "javascript://x")),
        Sample("/sha256", file(sha256: "")), Sample("/sha256", file(sha256: "abc")),
        Sample("/sha256", file(sha256: .string(String(repeating: "g", count: 64)))),
        Sample("/sha256", file(sha256: .string(digest + "0"))), Sample("/sha256", file(sha256: 7)),
        Sample("/size_bytes", file([("size_bytes", -1)])), Sample("/size_bytes", file([("size_bytes", "1")])),
        Sample("/size_bytes", file([("size_bytes", 1e300)])), Sample("/format", file([("format", .string(long))])),
        Sample("/format", file([("format", "a\tb")])), Sample("/version", file([("version", 1)])),
        Sample("/model_definition", file([("model_definition", ["a": 1])])),
        Sample("/model_definition", file([("model_definition", "a\u{0}")])),
        Sample("/model_definition", file([("model_definition", .string(String(repeating: "x", count: 70_000)))])),
    ]

    @Test(arguments: files) func namesTheWrongFieldOfAVersion(sample: Sample) async throws {
        let path = try await models.create()
        let answer = try await server.send(.post, "\(path)/versions", sample.body)
        #expect(answer.status == 400)
        #expect(answer.wrongFields == [sample.field])
        #expect(!answer.text.contains("secret"))
    }

    @Test func namesEveryWrongFieldAtOnce() async throws {
        let answer = try await server.send(.post, "/models", ["name": "A", "description": 1, "x": 2])
        #expect(answer.wrongFields.sorted() == ["/description", "/name", "/x"])
    }

    @Test(arguments: [
        "", "{", "{\"name\":\"a\"", "{\"name\":\"a\"}}", "{\"name\":\"a\",\"name\":\"b\"}", "{'name':'a'}", "nul",
        "{\"name\":\"\u{7F}", "[" + String(repeating: "[", count: 100_000),
    ])
    func refusesWhatIsNoJSON(text: String) async throws {
        let answer = try await send(.post, "/models", Array(text.utf8))
        #expect(answer.status == 400)
        #expect(answer.code == "invalid_request")
    }

    @Test func refusesBytesThatAreNoUTF8() async throws {
        #expect(try await send(.post, "/models", [0x22, 0xFF, 0xFE, 0x22]).status == 400)
    }

    @Test func refusesAHugeBody() async throws {
        let answer = try await send(.post, "/models", [UInt8](repeating: 0x20, count: (1 << 20) + 1))
        #expect(answer.status == 413)
        #expect(answer.code == "too_large")
    }

    @Test func refusesOtherContentTypes() async throws {
        let answer = try await send(.post, "/models", Array(#"{"name":"a"}"#.utf8), type: "text/plain")
        #expect(answer.status == 415)
    }

    @Test(arguments: ["x", "1", "..%2f..", "%00", "0192-", "not-a-uuid-not-a-uuid-not-a-uuid-not"])
    func refusesABadID(id: String) async throws {
        for target in ["/models/\(id)", "/models/\(id)/versions", "/models/\(id)/versions/1"] {
            let answer = try await server.send(.get, target)
            #expect(answer.status == 400 || answer.status == 404)
            if answer.status == 400 { #expect(answer.wrongFields == ["model_id"]) }
        }
    }

    @Test(arguments: ["page_size=0", "page_token=x", "name=A", "nmae=a", "page_size=1&page_size=1", "name=%zz"])
    func refusesABadQuery(query: String) async throws {
        let answer = try await server.send(.get, "/models?\(query)")
        #expect(answer.status == 400)
        #expect(answer.wrongFields.count == 1)
    }

    private func send(
        _ method: HTTPMethod, _ target: String, _ bytes: [UInt8], type: String = "application/json"
    ) async throws -> InProcessServer.Answer {
        try await server.send(
            HTTPRequest(
                method, target,
                fields: ["Authorization": "Bearer \(InProcessServer.adminKey)", "Content-Type": type],
                body: .bytes(bytes)))
    }
}

private func file(
    _ more: [(String, JSONValue)] = [], url: JSONValue = "file:///a", sha256: JSONValue = .string(digest)
) -> JSONValue {
    .object(JSONObject([("model_file_url", url), ("sha256", sha256)] + more))
}
