import JSON
import Testing
import YAML

@Suite struct YAMLParserTests {
    @Test(
        arguments: [
            ("true", true), ("False", false), ("~", nil), ("", nil), ("NULL", nil), ("0", 0), ("-17", -17), ("+3", 3),
            ("0x1F", 31), ("0o17", 15), ("0017", 17), ("9223372036854775807", 9_223_372_036_854_775_807),
            ("9223372036854775808", 9.223372036854775808e18), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-2.", -2.0),
            ("1e3", 1000.0), ("-1.5E-2", -0.015), ("5.e2", 500.0),
        ] as [(String, JSONValue)])
    func resolvesPlainScalarsByTheCoreSchema(text: String, expected: JSONValue) throws {
        #expect(try YAMLParser.parse(text) == expected)
    }

    @Test(arguments: [
        "yes", "no", "on", "off", "1.2.3", "1_000", "0b101", "0xZZ", "0o9", "e5", ".", "-", "1e", "1e+", "12:30:45",
        "2026-11-21", "+", "-.", "Infinity", "nan",
    ])
    func keepsWhatOnlyLooksLikeMoreThanText(text: String) throws {
        #expect(try YAMLParser.parse("key: \(text == "-" ? "\"-\"" : text)")["key"] == .string(text))
    }

    @Test(arguments: ["\"true\"", "'true'", "!!str true", "! true", "|-\n  true", ">-\n  true"])
    func keepsQuotedScalarsAsText(text: String) throws {
        #expect(try YAMLParser.parse("key: \(text)")["key"] == "true")
    }

    @Test func readsNestedCollectionsInOrder() throws {
        let text = """
            # a model definition
            models:
            - name: "tiny"   # inline
              service: {port: 8000, start_command: [serve, --port, "8000"]}
            8080: number as a key
            empty: {}
            none: []
            text: |
              two
              lines
            """
        let expected: JSONValue = [
            "models": [
                ["name": "tiny", "service": ["port": 8000, "start_command": ["serve", "--port", "8000"]]]
            ],
            "8080": "number as a key", "empty": [:], "none": [], "text": "two\nlines",
        ]
        #expect(try YAMLParser.parse(text) == expected)
    }

    @Test func readsEveryDocumentOfAStream() throws {
        #expect(try YAMLParser.parseDocuments("a: 1\n---\n---\nb: 2\n...\n") == [["a": 1], nil, ["b": 2]])
        #expect(try YAMLParser.parseDocuments("# nothing\n") == [])
        #expect(try YAMLParser.parse("# nothing\n") == nil)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", 3, 1, "twice"),
        ("a: &x 1\nb: 2", 1, 4, "anchors"),
        ("a: [1]\nb: *x", 2, 4, "aliases"),
        ("a:\n  <<: {b: 1}", 2, 3, "merge"),
        ("a: !!binary aGk=", 1, 4, "tag"),
        ("a: !thing {}", 1, 4, "tag"),
        ("? [a, b]\n: c", 1, 3, "key must be"),
        ("a: 1\n : 2", 2, 2, "key"),
        ("a: .inf", 1, 4, "number"),
        ("a: 1e999", 1, 4, "number"),
        ("a: b: c", 1, 5, "mapping values are not allowed"),
        ("a: [1, 2", 2, 1, "flow sequence"),
        ("a: \"open", 1, 9, "quoted scalar"),
        ("a:\n\tb: 1", 2, 1, "token"),
        ("a: 1\nbé: x\u{1}y", 2, 6, "control characters"),
        ("a: 1\n---\nb: 2", 1, 1, "more than one document"),
    ])
    func refusesWithThePlace(text: String, line: Int, column: Int, word: String) throws {
        let error = try #require(throws: YAMLError.self) { try YAMLParser.parse(text) }
        #expect(error.message.contains(word), "\(error)")
        #expect([error.line, error.column] == [line, column], "\(error)")
    }

    @Test func refusesWhatGrowsWhenItIsRead() {
        let laughs = "a: &a [x]\n" + (1...30).map { "b\($0): [*a, *a, *a]\n" }.joined()
        #expect(throws: YAMLError.self) { try YAMLParser.parse(laughs) }
    }

    @Test func boundsDepthSizeAndCount() throws {
        let depth = YAMLParser.maximumDepth
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try YAMLParser.parse(nested(depth)) }
        #expect(throws: YAMLError.self) { try YAMLParser.parse(nested(depth + 1)) }
        #expect(throws: YAMLError.self) { try YAMLParser.parse(nested(100_000)) }
        #expect(throws: YAMLError.self) {
            try YAMLParser.parse("a: " + String(repeating: "x", count: YAMLParser.maximumBytes))
        }
        #expect(throws: YAMLError.self) {
            try YAMLParser.parseDocuments(String(repeating: "---\na\n", count: YAMLParser.maximumDocuments + 1))
        }
    }
}
