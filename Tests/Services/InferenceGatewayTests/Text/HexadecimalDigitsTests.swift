import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct HexadecimalDigitsTests {
    @Test func writesTheDigitsOfAnyNumber() {
        var generator = SeededGenerator(seed: 1)
        let numbers =
            [0, 1, .max, 0x0123_4567_89AB_CDEF, 0xF0F0_F0F0_0A0A_0A0A] + (0..<1000).map { _ in generator.next() }
        for number in numbers {
            var buffer = TextBuffer(capacity: 16)
            buffer.write { out, end in out.write(hexadecimal: number, at: &end) }
            let digits = String(number, radix: 16)
            let expected = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(String(decoding: buffer.take(), as: UTF8.self) == expected)
        }
    }
}
