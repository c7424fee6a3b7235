import Testing

@testable import slipway

@Suite struct ServerSentEventsTests {
    static let stream = """
        : a comment
        data: {"a":1}

        event: x
        data: first
        data: second

        data:tight

        data: [DONE]


        """
    static let events = ["{\"a\":1}", "first\nsecond", "tight", "[DONE]"]

    @Test(arguments: ["\n", "\r\n"])
    func findsEventsHoweverTheStreamIsCut(lineEnd: String) throws {
        let bytes = Array(
            Self.stream.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd).utf8)
        for size in [1, 2, 3, 7, bytes.count] {
            var events = ServerSentEvents()
            var found: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += try events.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(found == Self.events, "in pieces of \(size)")
        }
    }

    @Test func refusesAnEventWithoutEnd() {
        var events = ServerSentEvents()
        let flood = [UInt8](repeating: UInt8(ascii: "x"), count: ServerSentEvents.maximumEventSize + 1)
        #expect(throws: ServerSentEvents.TooLarge.self) { try events.feed(flood) }
    }

    @Test func keepsAnUnfinishedEventBack() throws {
        var events = ServerSentEvents()
        #expect(try events.feed(Array("data: a\n".utf8)) == [])
        #expect(try events.feed(Array("\n".utf8)) == ["a"])
    }
}
