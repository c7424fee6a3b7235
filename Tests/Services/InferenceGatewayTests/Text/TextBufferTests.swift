import Testing

@testable import InferenceGateway

@Suite struct TextBufferTests {
    @Test func knowsHowMuchRoomThereIs() {
        var buffer = TextBuffer(capacity: 64)
        #expect(buffer.room == 64)
        buffer.write { out, end in out.write(TextLiteral("abcdefgh"), at: &end) }
        #expect(buffer.room == 56)
        _ = buffer.take()
        #expect(buffer.room == 64)
    }

    @Test func goesOnBehindWhatIsThere() {
        var start = Array("start ".utf8)
        var buffer = TextBuffer(behind: &start, room: 2000)
        #expect(start.isEmpty)
        #expect(buffer.room == 2000)
        buffer.write { out, end in out.write("of more than eight bytes".utf8.span, at: &end) }
        #expect(String(decoding: buffer.finish(), as: UTF8.self) == "start of more than eight bytes")
    }
}
