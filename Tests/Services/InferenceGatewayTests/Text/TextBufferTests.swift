import JSON
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct TextBufferTests {
    private func text(_ append: (inout TextBuffer) -> Void) -> String {
        var buffer = TextBuffer(capacity: 4096)
        append(&buffer)
        let count = buffer.count
        let bytes = buffer.take()
        #expect(bytes.count == count)
        #expect(buffer.count == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func literalsOfAnyLengthStandBehindOneAnother() {
        let literals = (0...TextLiteral.maximumBytes + 1).map { String(repeating: "abc", count: 20).prefix($0) }
        let written = text { buffer in for literal in literals { buffer.append(TextLiteral(String(literal))) } }
        #expect(written == literals.map { $0.prefix(TextLiteral.maximumBytes) }.joined())
    }

    @Test func writesNumbers() {
        let powers = (0...18).map { (0..<$0).reduce(1) { power, _ in power * 10 } }.flatMap { [$0 - 1, $0, $0 + 1] }
        for number in powers + [12_345, 99_999_999, 1_234_567_890_123, .max] {
            #expect(text { $0.append(decimal: number) } == "\(number)")
        }
        for number in stride(from: 0, to: 100_000_000, by: 9973) {
            #expect(text { $0.append(decimal: number) } == "\(number)")
        }
        #expect(text { $0.append(threeDigits: 0) } == "000")
        #expect(text { $0.append(threeDigits: 999) } == "999")
        #expect(text { $0.append(threeDigits: 42) } == "042")
        #expect(text { $0.append(hexadecimal: 0x0123_4567_89AB_CDEF) } == "0123456789abcdef")
    }

    @Test(arguments: ["", "plain", "a\"b\\c", "\n\u{1}", "é", String(repeating: "\u{0}", count: 512)])
    func textIsTheInsideOfAString(_ original: String) throws {
        let written = text { buffer in
            buffer.append(UInt8(ascii: "\""))
            buffer.append(text: original.utf8.span)
            buffer.append(UInt8(ascii: "\""))
        }
        #expect(try JSONParser.parse(written) == .string(original))
    }

    @Test func knowsHowMuchRoomThereIs() {
        var buffer = TextBuffer(capacity: 64)
        #expect(buffer.room == 64)
        buffer.append(TextLiteral("abcdefgh"))
        #expect(buffer.room == 56)
        _ = buffer.take()
        #expect(buffer.room == 64)
    }

    @Test func goesOnBehindWhatIsThere() {
        var start = Array("start ".utf8)
        var buffer = TextBuffer(behind: &start, room: 2000)
        #expect(start.isEmpty)
        #expect(buffer.room == 2000)
        buffer.append("of more than eight bytes".utf8.span)
        #expect(String(decoding: buffer.finish(), as: UTF8.self) == "start of more than eight bytes")
    }

    @Test func everyByteThatIsNotPlainIsFoundAtEveryPlace() throws {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = Array("abcdefghijklmnopq".utf8)
                bytes[place] = byte
                let original = String(decoding: bytes, as: UTF8.self)
                let written = text { buffer in
                    buffer.append(UInt8(ascii: "\""))
                    buffer.append(text: bytes.span)
                    buffer.append(UInt8(ascii: "\""))
                }
                #expect(try JSONParser.parse(written) == .string(original))
            }
        }
    }
}
