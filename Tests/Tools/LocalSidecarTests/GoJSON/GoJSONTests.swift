import Testing
import TestSupport

@testable import LocalSidecar

@Suite struct GoJSONTests {
    @Test(arguments: [
        ("0", "0"), ("-0.0", "-0"), ("1", "1"), ("100.0", "100"), ("0.1", "0.1"), ("1.10", "1.1"),
        ("123.456", "123.456"),
        ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("1.5e300", "1.5e+300"), ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"), ("0.00000123", "0.00000123"), ("1.23e-9", "1.23e-9"),
        ("12345678901234567890", "12345678901234567000"), ("9007199254740993", "9007199254740992"),
        ("4.9e-324", "5e-324"), ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
    ])
    func writesNumbersAsGoDoes(text: String, expected: String) throws {
        #expect(
            try String(decoding: GoJSONEncoder.encode(GoJSONParser.parse(Array(text.utf8))), as: UTF8.self) == expected)
    }

    @Test func readsBackEveryNumberThatItWrites() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let double = Double(bitPattern: generator.next())
            guard double.isFinite else { continue }
            #expect(Double(GoJSONEncoder.text(double)) == double, "\(double)")
        }
    }

    @Test(arguments: [
        (#"{"b":1,"a":{"d":[],"c":null}}"#, #"{"a":{"c":null,"d":[]},"b":1}"#),
        (#""<a&b>  é \/ \b\f\n\r\t\u0001\u007f""#, "\"\\u003ca\\u0026b\\u003e  é / \\b\\f\\n\\r\\t\\u0001\u{7f}\""),
        (#""\u2028\u2029\ud83d\ude00\ud800x""#, "\"\\u2028\\u2029😀\u{fffd}x\""),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#"[1 , 2 ,3 ] trailing"#, "[1,2,3]"), (" true ", "true"),
        (#"{"é":1,"z":2,"Z":3}"#, #"{"Z":3,"z":2,"é":1}"#),
    ])
    func writesValuesAsGoDoes(text: String, expected: String) throws {
        #expect(
            try String(decoding: GoJSONEncoder.encode(GoJSONParser.parse(Array(text.utf8))), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("", "EOF"), ("  ", "EOF"), ("[1,", "unexpected EOF"), ("\"open", "unexpected EOF"),
        ("oops", "invalid character 'o' looking for beginning of value"),
        ("{bad", "invalid character 'b' looking for beginning of object key string"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
    ])
    func refusesInGosWords(text: String, message: String) {
        #expect(throws: GoJSONError(message: message)) { try GoJSONParser.parse(Array(text.utf8)) }
    }

    @Test func boundsDepth() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: GoJSONError(message: "exceeded max depth")) { try GoJSONParser.parse(Array(text.utf8)) }
    }

    @Test func repairsBrokenTextAsGoDoes() throws {
        let value = try GoJSONParser.parse([0x22, 0x61, 0xFF, 0x62, 0x22])
        #expect(value == .string("a\u{FFFD}b"))
    }
}
