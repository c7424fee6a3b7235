import HTTP
import Testing

@Suite struct HTTPRequestParserTests {
    @Test(arguments: Feeding.allCases)
    func readsARequest(_ feeding: Feeding) throws {
        let wire =
            "POST /v2/models/x/infer?a=1 HTTP/1.1\r\nHost: gateway:8088\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello"
        let (head, consumed) = try #require(try parseRequest(wire.utf8, feeding))
        #expect(head.method == .post)
        #expect(head.target == "/v2/models/x/infer?a=1")
        #expect(head.framing == .length(5))
        #expect(head.minorVersion == 1)
        #expect(head.keepAlive)
        #expect(!head.expectsContinue)
        #expect(head.fields["HOST"] == "gateway:8088")
        #expect(head.fields["x-empty"] == "")
        #expect(head.fields.count == 3)
        #expect(consumed == wire.utf8.count - 5)
    }

    @Test func readsRequestsBehindOneAnother() throws {
        let wire = Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        var parser = HTTPRequestParser()
        let first = try #require(try parser.parse(wire, 0..<wire.count))
        let second = try #require(try parser.parse(wire, first.consumed..<wire.count))
        #expect(first.head.target == "/a")
        #expect(second.head.target == "/b")
        #expect(first.consumed + second.consumed == wire.count)
    }

    @Test(arguments: Feeding.allCases)
    func letsOneEmptyLineBeforeARequestPass(_ feeding: Feeding) throws {
        let wire = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let (head, consumed) = try #require(try parseRequest(wire.utf8, feeding))
        #expect(head.fields.count == 1)
        #expect(head.fields["Host"] == "x")
        #expect(consumed == wire.utf8.count)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: foo, CLOSE\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
    func knowsWhetherTheConnectionStays(_ version: String, _ field: String, _ keepAlive: Bool) throws {
        let wire = "GET / \(version)\r\nHost: x\r\n\(field)\r\n"
        let parsed = try #require(try parseRequest(wire.utf8, .whole))
        #expect(parsed.head.keepAlive == keepAlive)
    }

    @Test func knowsWhoWaitsForContinue() throws {
        let fields = "Host: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        let current = try #require(try parseRequest("PUT / HTTP/1.1\r\n\(fields)".utf8, .whole))
        let old = try #require(try parseRequest("PUT / HTTP/1.0\r\n\(fields)".utf8, .whole))
        #expect(current.head.expectsContinue)
        #expect(!old.head.expectsContinue)
    }

    @Test func forwardsOnlyWhatIsMeantForTheOtherEnd() throws {
        let wire = """
            POST / HTTP/1.1
            Host: x
            Accept: a
            Connection: keep-alive, X-Secret
            x-secret: 1
            Connection: x-other
            X-Other: 2
            Keep-Alive: timeout=5
            Proxy-Connection: keep-alive
            Proxy-Authenticate: Basic
            Proxy-Authorization: Basic eA==
            TE: trailers
            Trailer: X-T
            Upgrade: websocket
            Transfer-Encoding: chunked
            Expect: 100-continue
            Authorization: Bearer t


            """
        let crlf = wire.replacing("\n", with: "\r\n")
        for feeding in Feeding.allCases {
            var fields = try #require(try parseRequest(crlf.utf8, feeding)).head.fields
            #expect(fields.count == 16)
            fields.removeHopByHop()
            #expect(fields.pairs.map(\.name) == ["Accept", "Authorization"])
        }
    }

    @Test(arguments: [
        ("GET", "http://other:81/a?b=c", "/a?b=c", "other:81"), ("GET", "HTTP://other", "/", "other"),
        ("GET", "http://[::1]:80?q", "/?q", "[::1]:80"), ("OPTIONS", "*", "*", "x"), ("GET", "/*", "/*", "x"),
        ("GET", "/a://b", "/a://b", "x"), ("GET", "//double/slash", "//double/slash", "x"),
        ("GET", "/%2F%00?[a]=%ff", "/%2F%00?[a]=%ff", "x"),
    ])
    func takesTargetsApart(_ method: String, _ target: String, _ originForm: String, _ host: String) throws {
        for feeding in Feeding.allCases {
            let wire = "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\r\n"
            let head = try #require(try parseRequest(wire.utf8, feeding)).head
            #expect(head.target == originForm)
            #expect(head.fields.values("Host") == [host])
            var fields = head.fields
            fields.removeHopByHop()
            #expect(fields.isEmpty)
        }
    }

    @Test func waitsForTheRest() throws {
        let wire = Array("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n".utf8)
        for length in 0..<wire.count {
            #expect(try parseRequest(wire[..<length], .whole) == nil, "after \(length) bytes")
        }
    }

    @Test func holdsToItsLimitsHoweverTheBytesCome() {
        let limits = HTTPHeadLimits(headBytes: 400, fieldCount: 3, targetBytes: 100, nominatedFieldCount: 2)
        let long = String(repeating: "a", count: 500)
        let cases: [(String, Int)] = [
            ("GET /\(long.prefix(100)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
            ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
            ("GET /\(long.prefix(100))%-m HTTP/1.1\r\nHost: x\r\n\r\n", 414),
            ("GET /\(long.prefix(101))\u{1} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
            ("GET /\(long.prefix(98))%-m HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET /\(long.prefix(99))\u{1} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: \(long)\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: x\r\n\(long): a\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: \r\nB: \r\nC: \r\n\r\n", 431),
            ("\(long.prefix(33)) / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nConnection: a,b,c\r\n\r\n", 400),
        ]
        for (wire, status) in cases {
            for feeding in Feeding.allCases {
                let error = #expect(throws: HTTPParseError.self) {
                    try parseRequest(wire.utf8, feeding, limits: limits)
                }
                #expect(error?.status.code == status, "\(wire.prefix(40)) \(feeding)")
            }
        }
        #expect(throws: Never.self) {
            try parseRequest("GET /\(long.prefix(99)) HTTP/1.1\r\nHost: x\r\n\r\n".utf8, .whole, limits: limits)
        }
    }
}

extension HTTPRequestParserTests {
    /// What two implementations on one path might read differently, and other things that are not HTTP/1.1.
    static let refused: [(name: String, wire: String, status: Int)] = {
        func request(_ fields: String, line: String = "POST / HTTP/1.1") -> String { "\(line)\r\n\(fields)\r\n\r\n" }
        return [
            (
                "Content-Length and Transfer-Encoding",
                request("Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked"), 400
            ),
            (
                "Transfer-Encoding and Content-Length",
                request("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3"), 400
            ),
            ("two different Content-Lengths", request("Host: x\r\nContent-Length: 3\r\nContent-Length: 4"), 400),
            ("two equal Content-Lengths", request("Host: x\r\nContent-Length: 3\r\nContent-Length: 3"), 400),
            ("a list in Content-Length", request("Host: x\r\nContent-Length: 3, 3"), 400),
            ("a sign in Content-Length", request("Host: x\r\nContent-Length: +5"), 400),
            ("a minus in Content-Length", request("Host: x\r\nContent-Length: -5"), 400),
            ("hexadecimal Content-Length", request("Host: x\r\nContent-Length: 0x5"), 400),
            ("empty Content-Length", request("Host: x\r\nContent-Length:"), 400),
            ("huge Content-Length", request("Host: x\r\nContent-Length: 9999999999999999999"), 400),
            ("space before the colon", request("Host: x\r\nContent-Length : 3"), 400),
            ("tab before the colon", request("Host: x\r\nTransfer-Encoding\t: chunked"), 400),
            ("Transfer-Encoding: xchunked", request("Host: x\r\nTransfer-Encoding: xchunked"), 501),
            ("Transfer-Encoding: gzip, chunked", request("Host: x\r\nTransfer-Encoding: gzip, chunked"), 501),
            ("Transfer-Encoding: chunked, identity", request("Host: x\r\nTransfer-Encoding: chunked, identity"), 501),
            ("vertical tab in Transfer-Encoding", request("Host: x\r\nTransfer-Encoding: \u{b}chunked"), 400),
            (
                "two Transfer-Encodings",
                request("Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400
            ),
            (
                "Transfer-Encoding in HTTP/1.0",
                request("Host: x\r\nTransfer-Encoding: chunked", line: "POST / HTTP/1.0"), 400
            ),
            ("folded field", request("Host: x\r\nX-Long: a\r\n b"), 400),
            ("folded with tab", request("Host: x\r\nX-Long: a\r\n\tb"), 400),
            ("space before the first field", request(" Host: x"), 400),
            ("NUL in a value", request("Host: x\r\nX: a\0b"), 400),
            ("DEL in a value", request("Host: x\r\nX: a\u{7f}b"), 400),
            ("bare CR in a value", request("Host: x\r\nX: a\rb"), 400),
            ("bare LF lines", "GET / HTTP/1.1\nHost: x\n\n", 400),
            ("bare LF after a field", "GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
            ("bare LF at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400),
            ("bare LF before the request", "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("no Host", request("X: y"), 400),
            ("two Hosts", request("Host: x\r\nHost: x"), 400),
            ("two Hosts in HTTP/1.0", request("Host: x\r\nhost: y", line: "GET / HTTP/1.0"), 400),
            ("empty Host", request("Host:"), 400),
            ("path in Host", request("Host: x/y"), 400),
            ("user in Host", request("Host: u@x"), 400),
            ("list in Host", request("Host: x,y"), 400),
            ("absolute target without Host", request("X: y", line: "GET http://x/ HTTP/1.1"), 400),
            ("user in the target", request("Host: x", line: "GET http://u@x/ HTTP/1.1"), 400),
            ("other scheme", request("Host: x", line: "GET ftp://x/ HTTP/1.1"), 400),
            ("no authority", request("Host: x", line: "GET http:///a HTTP/1.1"), 400),
            ("target without a slash", request("Host: x", line: "GET a HTTP/1.1"), 400),
            ("star for GET", request("Host: x", line: "GET * HTTP/1.1"), 400),
            ("CONNECT", request("Host: x:443", line: "CONNECT x:443 HTTP/1.1"), 501),
            ("CONNECT with a path", request("Host: x:443", line: "CONNECT / HTTP/1.1"), 501),
            ("fragment in the target", request("Host: x", line: "GET /#a HTTP/1.1"), 400),
            ("backslash in the target", request("Host: x", line: "GET /\\a HTTP/1.1"), 400),
            ("non-ASCII target", request("Host: x", line: "GET /é HTTP/1.1"), 400),
            ("broken percent-encoding", request("Host: x", line: "GET /%2 HTTP/1.1"), 400),
            ("space in the target", request("Host: x", line: "GET /a b HTTP/1.1"), 505),
            ("two spaces before the target", request("Host: x", line: "GET  / HTTP/1.1"), 400),
            ("tab in the request line", request("Host: x", line: "GET\t/ HTTP/1.1"), 400),
            ("space after the version", request("Host: x", line: "GET / HTTP/1.1 "), 400),
            ("no version", request("Host: x", line: "GET /"), 400),
            ("HTTP/2.0", request("Host: x", line: "GET / HTTP/2.0"), 505),
            ("HTTP/1.2", request("Host: x", line: "GET / HTTP/1.2"), 505),
            ("lower case version", request("Host: x", line: "GET / http/1.1"), 505),
            ("method with a colon", request("Host: x", line: "G:T / HTTP/1.1"), 400),
            ("empty field name", request("Host: x\r\n: y"), 400),
            ("field without colon", request("Host: x\r\nabc"), 400),
            ("slash in a field name", request("Host: x\r\na/b: c"), 400),
            ("non-ASCII field name", request("Host: x\r\né: c"), 400),
            ("unknown expectation", request("Host: x\r\nExpect: miracles"), 417),
            ("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}", 400),
        ]
    }()

    @Test(arguments: refused.indices)
    func refusesWhatOthersMightReadDifferently(_ index: Int) {
        let (name, wire, status) = Self.refused[index]
        let seeds: [UInt64] = Array(1...20)
        for (feeding, seed) in [(.whole, 0), (.byteByByte, 0)] + seeds.map({ (Feeding.randomly, $0) }) {
            let error = #expect(throws: HTTPParseError.self, "\(name), \(feeding) with seed \(seed)") {
                try parseRequest(wire.utf8, feeding, seed: seed)
            }
            #expect(error?.status.code == status, "\(name), \(feeding) with seed \(seed)")
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive , Upgrade\r\nUpgrade: websocket\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket, h2c\r\nConnection: upgrade\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n", false),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n",
            false
        ),
    ])
    func onlyAPlainHandshakeAsksForAWebSocket(wire: String, asks: Bool) throws {
        var parser = HTTPRequestParser()
        let bytes = Array(wire.utf8)
        let (head, _) = try #require(try parser.parse(bytes, 0..<bytes.count))
        #expect(head.asksForWebSocket == asks)
        var fields = head.fields
        fields.removeHopByHop()
        #expect(!fields.contains("Upgrade"))
    }

    @Test func tellsWhatWasAskedForOfAHeadThatItRefuses() {
        func target(_ text: String) -> String? {
            var parser = HTTPRequestParser()
            let bytes = Array(text.utf8)
            let error = #expect(throws: HTTPParseError.self) { try parser.parse(bytes, bytes.indices) }
            return error?.target
        }
        #expect(target("\r\nGET /a?b HTTP/1.1\r\nA : b\r\n\r\n") == "/a?b")
        #expect(target("GET /a HTTP/1.1\r\n\r\n") == "/a")
        #expect(target("GET /a b HTTP/1.1\r\n") == nil)
    }
}
