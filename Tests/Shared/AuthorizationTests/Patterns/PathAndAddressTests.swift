import Testing

@testable import Authorization

@Suite struct PathAndAddressTests {
    private func call(_ function: BuiltInFunction, _ arguments: String...) throws -> Value {
        try function.call(arguments, PatternCache())
    }

    @Test(arguments: [
        (BuiltInFunction.keyMatch, "/foo/bar", "/foo/*", true), (.keyMatch, "/foo", "/foo/*", false),
        (.keyMatch, "/foo/", "/foo/*", true), (.keyMatch, "/foobar", "/foo*", true), (.keyMatch, "/foo", "/foo", true),
        (.keyMatch2, "/foo/7", "/foo/:id", true), (.keyMatch2, "/foo/7/x", "/foo/:id", false),
        (.keyMatch2, "/foo/a/b", "/foo/*", true), (.keyMatch2, "/anything", "*", true),
        (.keyMatch3, "/foo/7/x", "/foo/{id}/x", true), (.keyMatch3, "/foo/7", "/foo/{}", false),
        (.keyMatch4, "/p/1/c/1", "/p/{id}/c/{id}", true), (.keyMatch4, "/p/1/c/2", "/p/{id}/c/{id}", false),
        (.keyMatch4, "/p/1/c/2", "/p/{id}/c/{other}", true), (.keyMatch5, "/foo/7?a=b", "/foo/{id}", true),
        (.keyMatch5, "/foo/a/b?x", "/foo/*", true), (.regexMatch, "/topic/create/7", "^/topic/create/\\d+$", true),
        (.globMatch, "/foo/bar", "/foo/*", true), (.globMatch, "/foo/a/b", "/foo/*", false),
        (.globMatch, "/foo/bar", "/*/b?r", true), (.globMatch, "b", "*a", false), (.globMatch, "xa", "*a", true),
        (.globMatch, "/foo/x", "/foo/[a-c]", false), (.globMatch, "/foo/b", "/foo/[!x-z]", true),
        (.globMatch, "a*b", "a\\*b", true), (.globMatch, "", "", true), (.globMatch, "/", "?", false),
    ])
    func pathsMatch(function: BuiltInFunction, path: String, pattern: String, expected: Bool) throws {
        #expect(try call(function, path, pattern).isTruthy == expected)
    }

    @Test func namedPartsCanBeHad() throws {
        #expect(try call(.keyGet, "/foo/bar/x", "/foo/*").equals(.string("bar/x")))
        #expect(try call(.keyGet2, "/users/7/posts/9", "/users/:user/posts/:post", "post").equals(.string("9")))
        #expect(
            try call(.keyGet3, "project/proj_p1_admin/", "project/proj_{project}_admin/", "project").equals(
                .string("p1")))
        #expect(try call(.keyGet2, "/x", "/users/:user", "user").equals(.string("")))
    }

    @Test func manyStarsDoNotHang() {
        let pattern = String(repeating: "*a", count: 50)
        #expect(!GlobPattern.matches(String(repeating: "a", count: 5000) + "b", pattern))
    }

    @Test(arguments: [
        ("192.168.2.123", "192.168.2.0/24", true), ("192.168.2.123", "192.168.2.123", true),
        ("192.168.3.1", "192.168.2.0/24", false), ("10.1.2.3", "10.0.0.0/255.0.0.0", true),
        ("10.1.2.3", "10.0.0.0/0.255.255.255", true), ("1.2.3.4", "0.0.0.0/0", true), ("::1", "0.0.0.0/0", false),
        ("2001:db8::5", "2001:db8::/32", true), ("::ffff:1.2.3.4", "::ffff:1.2.3.0/120", true), ("::", "::/0", true),
        ("1:2:3:4:5:6:7:8", "1:2:3:4::/64", true), ("192.168.2.1", "nonsense", false),
        ("192.168.2.1", "192.168.2.0/33", false),
    ])
    func addressesMatch(address: String, network: String, expected: Bool) throws {
        #expect(try call(.ipMatch, address, network).isTruthy == expected)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", " 1.2.3.4", "1:2", ":::", "1::2::3", "::12345",
        "1:2:3:4:5:6:7:8:9", "::1%eth0", "1:2:3:4:5:6:7::8:9", "0x7f.1", "1.2.3.4/24",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(IPAddress(text) == nil)
        #expect(throws: EvaluationError.self) { try call(.ipMatch, text, "0.0.0.0/0") }
    }
}
