import JSON
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct TextWritingTests {
    private func text(_ write: (inout MutableRawSpan, inout Int) -> Void) -> String {
        var buffer = TextBuffer(capacity: 4096)
        buffer.write(write)
        let count = buffer.count
        let bytes = buffer.take()
        #expect(bytes.count == count)
        #expect(buffer.count == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func literalsOfAnyLengthStandBehindOneAnother() {
        let literals = (0...TextLiteral.maximumBytes + 1).map { String(repeating: "abc", count: 20).prefix($0) }
        let written = text { out, end in
            for literal in literals { out.write(TextLiteral(String(literal)), at: &end) }
        }
        #expect(written == literals.map { $0.prefix(TextLiteral.maximumBytes) }.joined())
    }

    @Test func writesNumbers() {
        let powers = (0...18).map { (0..<$0).reduce(1) { power, _ in power * 10 } }.flatMap { [$0 - 1, $0, $0 + 1] }
        for number in powers + [12_345, 99_999_999, 1_234_567_890_123, .max] {
            #expect(text { $0.write(decimal: number, at: &$1) } == "\(number)")
        }
        for number in stride(from: 0, to: 100_000_000, by: 9973) {
            #expect(text { $0.write(decimal: number, at: &$1) } == "\(number)")
        }
        #expect(text { $0.write(threeDigits: 0, at: &$1) } == "000")
        #expect(text { $0.write(threeDigits: 999, at: &$1) } == "999")
        #expect(text { $0.write(threeDigits: 42, at: &$1) } == "042")
        #expect(text { $0.write(hexadecimal: 0x0123_4567_89AB_CDEF, at: &$1) } == "0123456789abcdef")
    }

    @Test(arguments: ["", "plain", "a\"b\\c", "\n\u{1}", "é", String(repeating: "\u{0}", count: 512)])
    func textIsTheInsideOfAString(_ original: String) throws {
        let written = text { out, end in
            out.write(UInt8(ascii: "\""), at: &end)
            out.write(text: original.utf8.span, at: &end)
            out.write(UInt8(ascii: "\""), at: &end)
        }
        #expect(try JSONParser.parse(written) == .string(original))
    }

    @Test func everyByteThatIsNotPlainIsFoundAtEveryPlace() throws {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = Array("abcdefghijklmnopq".utf8)
                bytes[place] = byte
                let original = String(decoding: bytes, as: UTF8.self)
                let written = text { out, end in
                    out.write(UInt8(ascii: "\""), at: &end)
                    out.write(text: bytes.span, at: &end)
                    out.write(UInt8(ascii: "\""), at: &end)
                }
                #expect(try JSONParser.parse(written) == .string(original))
            }
        }
    }
}
