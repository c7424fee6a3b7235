import HTTP
import Testing

struct HTTPFieldsTests {
    @Test func namesCompareWithoutCase() {
        let fields: HTTPFields = ["Content-Type": "a", "X-Id": "1", "x-ID": "2"]
        #expect(fields["content-type"] == "a")
        #expect(fields.values("X-ID") == ["1", "2"])
        #expect(!fields.contains("Content-Typ"))
        #expect(!fields.contains("Content-Types"))
    }

    @Test func settingReplacesEveryFieldOfTheName() {
        var fields: HTTPFields = ["A": "1", "B": "2", "a": "3"]
        fields.set("A", "4")
        #expect(fields.pairs.map(\.name) == ["B", "A"])
        #expect(fields.values("a") == ["4"])
    }

    @Test func removesWhatIsForOneConnection() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX-ID: 1\r\nConnection: X-B\r\nX-B: 2\r\nX-C: 3\r\n\r\n".utf8)
        var parser = HTTPRequestParser()
        let head = try #require(try parser.parse(bytes, bytes.indices)).head
        var fields = head.fields
        fields.removeHopByHop()
        #expect(fields.pairs.map(\.name) == ["X-ID", "X-C"])
        #expect(head.fields.count == 5)
    }

    @Test func aValueCannotBeginAnotherField() {
        var fields = HTTPFields()
        fields.append("X", "a\r\nEvil: 1\u{0}")
        #expect(fields.count == 1)
        #expect(fields["X"] == "a  Evil: 1 ")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("https://example.test", "https://example.test:443"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ])
    func readsOrigins(url: String, description: String) {
        #expect(HTTPOrigin(url)?.description == description)
    }

    @Test(arguments: [
        "", "127.0.0.1:80", "ftp://x", "http://", "http://user@host", "http://host/path", "http://host:0",
        "http://host:99999",
        "http://host:80x", "http://[::1", "http://a b",
    ])
    func refusesOtherOrigins(url: String) {
        #expect(HTTPOrigin(url) == nil)
    }
}
