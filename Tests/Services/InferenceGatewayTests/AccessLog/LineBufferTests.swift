import JSON
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct LineBufferTests {
    private func text(_ append: (inout LineBuffer) -> Void) -> String {
        var buffer = LineBuffer(capacity: 4096)
        append(&buffer)
        let count = buffer.count
        let bytes = buffer.take()
        #expect(bytes.count == count)
        #expect(buffer.count == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func literalsOfAnyLengthStandBehindOneAnother() {
        let literals = (0...LineLiteral.maximumBytes + 1).map { String(repeating: "abc", count: 20).prefix($0) }
        let written = text { buffer in for literal in literals { buffer.append(LineLiteral(String(literal))) } }
        #expect(written == literals.map { $0.prefix(LineLiteral.maximumBytes) }.joined())
    }

    @Test func writesNumbers() {
        for number in [0, 1, 9, 10, 99, 100, 12_345, .max] {
            #expect(text { $0.append(decimal: number) } == "\(number)")
        }
        #expect(text { $0.append(threeDigits: 0) } == "000")
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
        var buffer = LineBuffer(capacity: 64)
        #expect(buffer.room == 64)
        buffer.append(LineLiteral("abcdefgh"))
        #expect(buffer.room == 56)
        _ = buffer.take()
        #expect(buffer.room == 64)
    }
}
