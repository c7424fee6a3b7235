import HTTP
import Testing

struct HTTPBaseURLTests {
    @Test(arguments: [
        ("http://ray:8000/slipway-a_b.1~", "http://ray:8000", "/slipway-a_b.1~"),
        ("http://ray:8000/a/b/", "http://ray:8000", "/a/b"),
        ("https://ray/", "https://ray:443", ""), ("http://[::1]", "http://[::1]:80", ""),
        ("https://rancher/k8s/clusters/c:1", "https://rancher:443", "/k8s/clusters/c:1"),
    ])
    func takesAnOriginWithAPath(url: String, origin: String, path: String) {
        let base = HTTPBaseURL(url)
        #expect(base?.origin.description == origin)
        #expect(base?.path == path)
        #expect(base?.description == origin + path)
    }

    @Test(arguments: [
        "http://ray/a b", "http://ray/a%2Fb", "http://ray//a", "http://ray/a//", "http://ray//", "http://ray/../a",
        "http://ray/./a", "http://ray/a/..", "http://ray/a?b", "http://ray/a#b", "http://ray/a\r\nX: y",
        "http://ray/a\r\n", "http://ray/a/\u{301}", "http://ray/\u{e4}", "ftp://ray/a", "ray/a", "http:///a", "",
        "http://user@ray/a", "http://ray/\(String(repeating: "a", count: HTTPBaseURL.maximumPathLength))",
    ])
    func refusesWhatIsNotPlain(url: String) {
        #expect(HTTPBaseURL(url) == nil)
    }
}
