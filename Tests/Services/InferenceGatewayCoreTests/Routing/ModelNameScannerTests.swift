import JSON
import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct ModelNameScannerTests {
    private func scan(_ pieces: [[UInt8]]) -> ModelNameScanner.Progress {
        var scanner = ModelNameScanner()
        for piece in pieces {
            let progress = scanner.scan(piece.span)
            if progress != .needsMore { return progress }
        }
        return .refused(scanner.problemAtEnd())
    }

    private func scan(_ text: String) -> ModelNameScanner.Progress { scan([Array(text.utf8)]) }

    @Test(arguments: [
        (#"{"model":"chat"}"#, "chat"),
        (" \r\n\t{ \"model\" :\t\"chat\" ", "chat"),
        (#"{"messages":[{"role":"user","content":"{\"model\":\"other\"}"}],"model":"chat"}"#, "chat"),
        (#"{"options":{"model":"inner","a":[{"model":"deeper"}]},"model":"chat"}"#, "chat"),
        (#"{"a":"\\","model":"chat"}"#, "chat"),
        (#"{"a":"\\\"","model":"chat"}"#, "chat"),
        (#"{"a":["]","}","\""],"model":"chat"}"#, "chat"),
        (#"{"a":1,"b":-2.5e3,"c":true,"d":null,"e":[],"f":{},"model":"chat"}"#, "chat"),
        (#"{"Model":"x","model_":"y","mode":"z","":"w","model":"chat"}"#, "chat"),
        (#"{"m\u006fdel":"ch\u0061t"}"#, "chat"),
        (#"{"model":"a\/b\"c\\d"}"#, #"a/b"c\d"#),
        (#"{"model":"\u00e9\ud83d\ude00é"}"#, "é😀é"),
        (#"{"model":"first","model":"second"}"#, "first"),
        (#"{"model":"chat", and the rest is not JSON"#, "chat"),
    ])
    func findsTheTopLevelModel(body: String, name: String) {
        #expect(scan(body) == .found(name))
        #expect(scan(Array(body.utf8).map { [$0] }) == .found(name))
    }

    @Test(arguments: [
        ("", ModelNameScanner.Problem.notAnObject),
        ("   ", .notAnObject),
        (#"["model","chat"]"#, .notAnObject),
        (#""model""#, .notAnObject),
        ("model=chat", .notAnObject),
        ("{}", .missing),
        (#"{"a":{"model":"chat"}}"#, .missing),
        (#"{"a":1}"#, .missing),
        (#"{"a":"model"}"#, .missing),
        (#"{"model":1}"#, .notAString),
        (#"{"model":null}"#, .notAString),
        (#"{"model":{"name":"chat"}}"#, .notAString),
        (#"{"model":["chat"]}"#, .notAString),
        (#"{"model":""}"#, .empty),
        (#"{"model":"chat"#, .malformed),
        (#"{"model":"\ud800"}"#, .malformed),
        (#"{"model":"\ud800\u0041"}"#, .malformed),
        (#"{"model":"\udc00"}"#, .malformed),
        (#"{"model":"\x41"}"#, .malformed),
        (#"{"model":"\u00g0"}"#, .malformed),
        ("{\"model\":\"a\nb\"}", .malformed),
        (#"{"model" "chat"}"#, .malformed),
        (#"{"model":,}"#, .malformed),
        (#"{"a":1 2,"model":"chat"}"#, .malformed),
        (#"{"a":1"model":"chat"}"#, .malformed),
        (#"{,"model":"chat"}"#, .malformed),
        (#"{"a":1,}"#, .malformed),
        (#"{model:"chat"}"#, .malformed),
        (#"{"a":"open"#, .malformed),
        (#"{"a":[[["#, .malformed),
    ])
    func refusesABodyThatNamesNone(body: String, problem: ModelNameScanner.Problem) {
        #expect(scan(body) == .refused(problem))
        #expect(scan(Array(body.utf8).map { [$0] }) == .refused(problem))
    }

    @Test func refusesANameThatIsNotUTF8() {
        #expect(scan([Array(#"{"model":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)]) == .refused(.malformed))
    }

    @Test func boundsTheName() {
        let limit = ModelNameScanner.maximumNameBytes
        let longest = String(repeating: "n", count: limit)
        #expect(scan(#"{"model":"\#(longest)"}"#) == .found(longest))
        #expect(scan(#"{"model":"\#(longest)n"}"#) == .refused(.tooLong))
        #expect(scan(#"{"model":"\#(longest)and no end"#) == .refused(.tooLong))
    }

    @Test func survivesAnyDepth() {
        let deep = #"{"a":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(scan(deep + #","model":"chat"}"#) == .found("chat"))
    }

    @Test func stopsWhereTheNameEnds() {
        var scanner = ModelNameScanner()
        #expect(scanner.scan(Array(#"{"model":"chat""#.utf8).span) == .found("chat"))
        #expect(scanner.scan(Array("anything".utf8).span) == .found("chat"))
    }

    @Test(arguments: 0..<40)
    func agreesWithTheParserOnRandomBodies(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let value = JSONValue.object(randomObject(&generator, depth: 3))
            let bytes = JSONWriter.bytes(value, style: Bool.random(using: &generator) ? .compact : .indented)
            let parsed = try JSONParser.parse(bytes)
            let expected: ModelNameScanner.Progress =
                switch parsed["model"] {
                case .none: .refused(.missing)
                case .string(""): .refused(.empty)
                case .string(let name): .found(name)
                case .some: .refused(.notAString)
                }
            #expect(scan([bytes]) == expected, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            let pieces = randomPieces(bytes, &generator)
            #expect(scan(pieces) == expected, "seed \(seed), in pieces: \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test(arguments: 0..<40)
    func anyBytesGiveTheSameAnswerWholeAndInPieces(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var bytes = JSONWriter.bytes(.object(randomObject(&generator, depth: 2)))
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
                let index = bytes.indices.randomElement(using: &generator) ?? 0
                bytes[index] = Array("{}[]\",:\\u0 model".utf8).randomElement(using: &generator) ?? 0
            }
            let whole = scan([bytes])
            #expect(scan(randomPieces(bytes, &generator)) == whole, "seed \(seed)")
            #expect(whole != .needsMore)
        }
    }

    private func randomPieces(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...7, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    private func randomObject(_ generator: inout SeededGenerator, depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            object[randomText(&generator)] = randomValue(&generator, depth: depth)
        }
        return object
    }

    private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(.random(in: -1000...1000, using: &generator))
        case 3: .number(.random(in: -1...1, using: &generator))
        case 4, 5: .string(randomText(&generator))
        case 6: .array((0..<3).map { _ in randomValue(&generator, depth: depth - 1) })
        default: .object(randomObject(&generator, depth: depth - 1))
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        let words = ["model", "model", "a", "", "mod\"el", "\\", "{\"model\":\"x\"}", "é😀", "]}", "\n\t", "\u{7F}"]
        return words.randomElement(using: &generator) ?? ""
    }
}
