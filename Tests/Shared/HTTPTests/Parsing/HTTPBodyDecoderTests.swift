import HTTP
import Testing

@Suite struct HTTPBodyDecoderTests {
    @Test(arguments: Feeding.allCases)
    func takesExactlyTheLength(_ feeding: Feeding) throws {
        let decoded = try #require(try decode("hello, next".utf8, .length(5), feeding))
        #expect(decoded.content == Array("hello".utf8))
        #expect(decoded.consumed == 5)
    }

    @Test func refusesALengthAboveTheLimitAtOnce() {
        let error = #expect(throws: HTTPParseError.self) {
            try HTTPBodyDecoder(.length(11), limits: HTTPBodyLimits(contentBytes: 10))
        }
        #expect(error?.status == .contentTooLarge)
    }

    @Test func endsACloseDelimitedBodyOnlyByClosing() throws {
        var decoder = try HTTPBodyDecoder(.untilClose, limits: HTTPBodyLimits(contentBytes: 10))
        var content: [UInt8] = []
        #expect(try decoder.decode(Array("hello".utf8), 0..<5, into: &content) == 5)
        #expect(!decoder.isComplete)
        #expect(decoder.mayEndHere)
        #expect(throws: HTTPParseError.self) { try decoder.decode(Array("123456".utf8), 0..<6, into: &content) }
    }

    @Test func knowsABrokenOffBody() throws {
        var content: [UInt8] = []
        var fixed = try HTTPBodyDecoder(.length(3), limits: HTTPBodyLimits())
        var chunked = try HTTPBodyDecoder(.chunked, limits: HTTPBodyLimits())
        _ = try fixed.decode(Array("ab".utf8), 0..<2, into: &content)
        _ = try chunked.decode(Array("2\r\nab\r\n".utf8), 0..<7, into: &content)
        #expect(!fixed.mayEndHere)
        #expect(!chunked.mayEndHere)
    }

    @Test func hasNothingToReadWithoutABody() throws {
        #expect(try HTTPBodyDecoder(.none, limits: HTTPBodyLimits()).isComplete)
    }
}
