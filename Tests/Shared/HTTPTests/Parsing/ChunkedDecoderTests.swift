import HTTP
import TestSupport
import Testing

@Suite struct ChunkedDecoderTests {
    @Test(arguments: [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        ("00A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("a;x=\"y z\"\r\n0123456789\r\n0;last\r\n\r\n", "0123456789"),
        ("1\r\n\r\r\n0\r\nX-Trailer: v\r\nOther:\r\n\r\n", "\r"),
    ])
    func decodes(_ wire: String, _ content: String) throws {
        for feeding in Feeding.allCases {
            let decoded = try #require(try decode("\(wire)".utf8, .chunked, feeding))
            #expect(String(decoding: decoded.content, as: UTF8.self) == content)
            #expect(decoded.consumed == wire.utf8.count)
        }
    }

    @Test(arguments: [
        "0x3\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n",
        "\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n",
        ";a\r\n",
        "0000000000000003\r\nabc\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "3;a\nb\r\nabc\r\n0\r\n\r\n", "3\r\rabc",
        "3;a\0b\r\nabc\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX: a\nb\r\n\r\n", "0\r\n\n",
        "0\r\nX: y\n\r\n", "0\r\nX\r\n\r\n", "g\r\n",
    ])
    func refusesWhatOthersMightReadDifferently(_ wire: String) {
        for feeding in Feeding.allCases {
            let error = #expect(throws: HTTPParseError.self, "\(feeding)") {
                try decode(wire.utf8, .chunked, feeding)
            }
            #expect(error?.status == .badRequest)
        }
    }

    @Test func holdsToItsLimits() {
        let limits = HTTPBodyLimits(
            contentBytes: 10, chunkExtensionBytes: 4, trailerBytes: 30, trailerCount: 2)
        let cases = [
            ("b\r\n", 413), ("6\r\nabcdef\r\n5\r\n", 413), ("1;abcde\r\n", 400),
            ("0\r\nA:\r\nB:\r\nC:\r\n\r\n", 431), ("0\r\nA: \(String(repeating: "a", count: 40))\r\n\r\n", 431),
        ]
        for (wire, status) in cases {
            for feeding in Feeding.allCases {
                let error = #expect(throws: HTTPParseError.self, "\(wire)") {
                    try decode(wire.utf8, .chunked, feeding, limits: limits)
                }
                #expect(error?.status.code == status)
            }
        }
    }

    @Test func refusesToWorkForNothing() {
        let limits = HTTPBodyLimits(chunkOverheadBytes: 1000)
        let chunk = "1;\(String(repeating: "x", count: 200))\r\na\r\n"
        #expect(throws: HTTPParseError.self) {
            try decode(String(repeating: chunk, count: 10).utf8, .chunked, .whole, limits: limits)
        }
        let plain = String(repeating: "1\r\na\r\n", count: 10_000) + "0\r\n\r\n"
        #expect(throws: Never.self) { try decode(plain.utf8, .chunked, .whole, limits: limits) }
    }

    @Test func stopsWhenTheOutputIsFull() throws {
        let wire = Array("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n".utf8)
        var decoder = ChunkedDecoder()
        var pieces: [String] = []
        var consumed = 0
        while !decoder.isComplete {
            var piece: [UInt8] = []
            consumed += try decoder.decode(wire, consumed..<wire.count, into: &piece, capacity: 3)
            pieces.append(String(decoding: piece, as: UTF8.self))
        }
        #expect(pieces.joined() == "helloworld")
        #expect(pieces.allSatisfy { $0.utf8.count <= 3 })
        #expect(consumed == wire.count)
    }

    @Test func yieldsTheSameForEverySplit() throws {
        for seed in UInt64(1)...50 {
            var generator = SeededGenerator(seed: seed)
            var content: [UInt8] = []
            var wire: [UInt8] = []
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                let piece = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                content += piece
                HTTPHeadWriter.writeChunkSize(piece.count, to: &wire)
                wire += piece + Array("\r\n".utf8)
            }
            wire += Array("0\r\n\r\n".utf8)
            let decoded = try #require(try decode(wire, .chunked, .randomly, seed: seed))
            #expect(decoded.content == content, "seed \(seed)")
        }
    }
}
