import HTTP
import Testing

@testable import InferenceGateway

@Suite struct FieldWriterTests {
    @Test func goesOnWithFieldsInPlace() {
        var fields: HTTPFields = ["A": "1", "B": "2"]
        let before = fields
        var (storage, spans) = fields.take()
        var writer = FieldWriter(storage: &storage, spans: &spans, room: 8)
        #expect(storage.isEmpty && spans.isEmpty)
        writer.append(FieldName("C")) { $0.write(UInt8(ascii: "3"), at: &$1) }
        fields = writer.finish()
        #expect(fields.pairs.map(\.name) == ["A", "B", "C"])
        #expect(fields.pairs.map(\.value) == ["1", "2", "3"])
        #expect(before.pairs.map(\.name) == ["A", "B"])
    }

    @Test func keepsOnlyTheFieldsThatAreTakenOver() {
        let fields: HTTPFields = ["A": "1", "B": "2", "C": "3"]
        var storage = fields.storage
        var kept = [fields.spans[0], fields.spans[2]]
        var writer = FieldWriter(storage: &storage, spans: &kept, room: 2 * 16)
        #expect(kept.isEmpty)
        writer.append(FieldName("Name")) { $0.write(decimal: 42, at: &$1) }
        #expect(writer.lastValue.count == 2)
        writer.append(FieldName("Empty")) { _, _ in }
        let written = writer.finish()
        #expect(written.pairs.map(\.name) == ["A", "C", "Name", "Empty"])
        #expect(written.pairs.map(\.value) == ["1", "3", "42", ""])
    }

    @Test func whatIsAppendedGoesOutInOneRun() {
        var fields: HTTPFields = ["A": "1"]
        var (storage, spans) = fields.take()
        var writer = FieldWriter(storage: &storage, spans: &spans, room: 64)
        writer.append(FieldName("B")) { $0.write("2".utf8.span, at: &$1) }
        writer.append(FieldName("C")) { $0.write("3".utf8.span, at: &$1) }
        var bytes: [UInt8] = []
        HTTPHeadWriter.writeFields(writer.finish(), leavingOut: .response, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "A: 1\r\nB: 2\r\nC: 3\r\n")
    }
}
