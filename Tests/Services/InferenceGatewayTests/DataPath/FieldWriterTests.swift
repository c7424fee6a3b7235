import HTTP
import TestSupport
import Testing

@testable import InferenceGateway

@Suite struct FieldWriterTests {
    @Test func writesTheDigitsOfAnyNumber() {
        var generator = SeededGenerator(seed: 1)
        let numbers =
            [0, 1, .max, 0x0123_4567_89AB_CDEF, 0xF0F0_F0F0_0A0A_0A0A] + (0..<1000).map { _ in generator.next() }
        for number in numbers {
            var bytes = Array("<0000000000000000>".utf8)
            bytes.write(hexadecimal: number, at: 1)
            let digits = String(number, radix: 16)
            let expected = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(String(decoding: bytes, as: UTF8.self) == "<\(expected)>")
        }
    }

    @Test func goesOnWithFieldsInPlace() {
        var fields: HTTPFields = ["A": "1", "B": "2"]
        let before = fields
        var writer = FieldWriter(taking: &fields)
        #expect(fields.isEmpty)
        writer.append(FieldTemplate("C"), [UInt8(ascii: "3")])
        fields = writer.fields
        #expect(fields.pairs.map(\.name) == ["A", "B", "C"])
        #expect(fields.pairs.map(\.value) == ["1", "2", "3"])
        #expect(before.pairs.map(\.name) == ["A", "B"])
    }

    @Test func keepsOnlyTheFieldsThatAreTakenOver() {
        let fields: HTTPFields = ["A": "1", "B": "2", "C": "3"]
        var kept = [fields.spans[0], fields.spans[2]]
        var writer = FieldWriter(copying: fields, &kept, spare: 0)
        #expect(kept.isEmpty)
        writer.append(FieldTemplate("Name", "__:__")) { bytes, start in bytes[start + 2] = UInt8(ascii: "!") }
        writer.append(FieldTemplate("Empty")) { _, _ in }
        #expect(writer.fields.pairs.map(\.name) == ["A", "C", "Name", "Empty"])
        #expect(writer.fields.pairs.map(\.value) == ["1", "3", "__!__", ""])
    }
}
