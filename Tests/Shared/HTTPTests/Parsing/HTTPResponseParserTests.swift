import HTTP
import Testing

@Suite struct HTTPResponseParserTests {
    @Test(arguments: Feeding.allCases)
    func readsAResponse(_ feeding: Feeding) throws {
        let wire = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
        let (head, consumed) = try #require(try parseResponse(wire.utf8, feeding))
        #expect(head.status == .ok)
        #expect(head.framing == .length(2))
        #expect(head.keepAlive)
        #expect(head.fields["content-type"] == "text/plain")
        #expect(consumed == wire.utf8.count - 2)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 \r\n\r\n", HTTPMethod.get, HTTPFraming.untilClose, false),
        ("HTTP/1.1 200\r\n\r\n", .get, .untilClose, false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .get, .none, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", .get, .chunked, true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .head, .none, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .head, .none, true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .get, .none, true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", .get, .none, true),
        ("HTTP/1.1 100 Continue\r\n\r\n", .post, .none, true),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", .get, .none, true),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", .get, .length(3), false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n", .get, .length(3), true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n", .get, .length(3), false),
    ])
    func knowsWhereTheBodyEnds(
        _ wire: String, _ method: HTTPMethod, _ framing: HTTPFraming, _ keepAlive: Bool
    ) throws {
        for feeding in Feeding.allCases {
            let (head, consumed) = try #require(try parseResponse(wire.utf8, feeding, answering: method))
            #expect(head.framing == framing)
            #expect(head.keepAlive == keepAlive)
            #expect(consumed == wire.utf8.count)
        }
    }

    @Test func keepsTheLengthOfWhatHeadDoesNotSend() throws {
        let wire = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n"
        var forHead = try #require(try parseResponse(wire.utf8, .whole, answering: .head)).head.fields
        var forGet = try #require(try parseResponse(wire.utf8, .whole, answering: .get)).head.fields
        forHead.removeHopByHop()
        forGet.removeHopByHop()
        #expect(forHead.pairs.map(\.name) == ["Content-Length"])
        #expect(forGet.isEmpty)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 204 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 200 OK\nX: y\n\n\n",
        "HTTP/1.1 200 OK\r\nX: a\0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n    ", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 a\u{1}b\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
    ])
    func refusesWhatOthersMightReadDifferently(_ wire: String) {
        for feeding in Feeding.allCases {
            let error = #expect(throws: HTTPParseError.self, "\(feeding)") {
                try parseResponse(wire.utf8, feeding)
            }
            #expect(error?.status == .badGateway)
        }
    }

    @Test func holdsToItsLimits() {
        let limits = HTTPHeadLimits(headBytes: 100, fieldCount: 2)
        for wire in [
            "HTTP/1.1 200 OK\r\nA: \(String(repeating: "a", count: 100))\r\n\r\n",
            "HTTP/1.1 200 \(String(repeating: "a", count: 100))\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
        ] {
            for feeding in Feeding.allCases {
                #expect(throws: HTTPParseError.self) { try parseResponse(wire.utf8, feeding, limits: limits) }
            }
        }
    }

    @Test func waitsForTheRest() throws {
        let wire = Array("HTTP/1.1 200 OK\r\nA: b\r\n\r\n".utf8)
        for length in 0..<wire.count {
            #expect(try parseResponse(wire[..<length], .whole) == nil, "after \(length) bytes")
        }
    }
}
