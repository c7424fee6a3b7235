import HTTP
import Testing

@testable import InferenceGateway

@Suite struct FieldWriterTests {
    @Test func goesOnWithFieldsInPlace() {
        var fields: HTTPFields = ["A": "1", "B": "2"]
        let before = fields
        var writer = FieldWriter(taking: &fields, count: 1, spare: 8)
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
