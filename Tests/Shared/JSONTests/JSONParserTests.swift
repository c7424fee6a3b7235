@testable import JSON
import TestSupport
import Testing

private let nested: JSONValue = ["a": [1, ["b": nil]], "c": "d"]

struct JSONParserTests {
    @Test(arguments: [
        ("null", JSONValue.null), ("true", true), ("-0", 0), ("9223372036854775807", .integer(.max)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5e3", .number(1500)),
        (#""a\u00e9\ud83d\ude00\n\/""#, "aé😀\n/"), ("[]", .array([])), ("{}", .object(JSONObject())),
        (#" {"a" : [1, {"b": null}], "c": "d"} "#, nested),
    ])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "01", "1.", ".5", "-", "+1", "1e", "1e999", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"a\u{1}b\"", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}", "[] []", "'a'", "NaN", "Infinity", "// x\n1", "\u{FEFF}1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    }

    @Test func refusesInvalidUTF8() {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func refusesDeepNestingWithoutOverflowingTheStack() {
        let text = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONParser.parse(allowed) }
    }

    @Test func saysWhereTheErrorIs() {
        #expect(throws: JSONError(message: "a colon should be here", offset: 5)) {
            try JSONParser.parse(#"{"a" 1}"#)
        }
    }

    @Test(arguments: [UInt64(11), 12, 13]) func readsBackWhatTheWriterWrites(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let value = randomValue(depth: 4, &generator)
            for style in [JSONWriter.Style.compact, .indented] {
                #expect(try JSONParser.parse(JSONWriter.bytes(value, style: style)) == value, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [UInt64(21), 22]) func neverCrashesOnDamagedText(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = JSONWriter.bytes(randomValue(depth: 4, &generator))
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? JSONParser.parse(bytes)
        }
    }

    private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(.random(in: .min ... .max, using: &generator))
        case 3: return .number(.random(in: -1e6...1e6, using: &generator) + 0.5)
        case 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(depth: depth - 1, &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<4, using: &generator) {
                object[randomText(&generator)] = randomValue(depth: depth - 1, &generator)
            }
            return .object(object)
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{0}", "\u{7F}", "é", "😀", "/", "\u{2028}"]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<6, using: &generator) {
            text.append(scalars[.random(in: 0..<scalars.count, using: &generator)])
        }
        return String(text)
    }
}
