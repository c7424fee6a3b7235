import Testing

@testable import InferenceGatewayCore

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/v1/models", RequestTarget.modelList),
        ("/v1/models?limit=1", .modelList),
        ("/v1/models/chat", .modelEntry("chat")),
        ("/v1/models/a%20b", .modelEntry("a b")),
        ("/v1/models/", .unknown),
        ("/v1/modelsx", .openAI),
        ("/v1/chat/completions", .openAI),
        ("/v1/", .openAI),
        ("/v1", .unknown),
        ("/v2", .openInference),
        ("/v2/health/live", .openInference),
        ("/v2?x", .openInference),
        ("/v22", .unknown),
        ("/v3/x", .unknown),
        ("/", .unknown),
        ("*", .unknown),
        ("", .unknown),
        ("/%76%31/models", .unknown),
        ("/V1/models", .unknown),
        ("/services/", .unknown),
        ("/services", .unknown),
        ("/services//x", .unknown),
        ("/services/%ff/x", .unknown),
    ])
    func tellsTheProtocol(target: String, expected: RequestTarget) {
        #expect(RequestTarget(target) == expected)
    }

    @Test(arguments: [
        ("/services/chat", "chat", "/"),
        ("/services/chat/", "chat", "/"),
        ("/services/chat?a=/../b", "chat", "/?a=/../b"),
        ("/services/chat/predict/x?y=1&z=%2e", "chat", "/predict/x?y=1&z=%2e"),
        ("/services/a%62c/x", "abc", "/x"),
        ("/services/a%2Fb/x", "a/b", "/x"),
        ("/services/chat/a%2Fb%20c", "chat", "/a%2Fb%20c"),
        ("/services/chat//x", "chat", "//x"),
        ("/services/chat/v1/chat/completions", "chat", "/v1/chat/completions"),
        ("/services/chat/...", "chat", "/..."),
        ("/services/chat/.hidden/a..b/..c", "chat", "/.hidden/a..b/..c"),
        ("/services/chat/%252e%252e/x", "chat", "/%252e%252e/x"),
        ("/services/chat/services/other", "chat", "/services/other"),
    ])
    func takesAServiceApart(target: String, name: String, rest: String) {
        #expect(RequestTarget(target) == .service(name: name, target: rest))
    }

    @Test(arguments: [
        "/services/chat/..", "/services/chat/../other/x", "/services/../v1/models", "/services/chat/./x",
        "/services/chat/%2e%2e/x", "/services/chat/.%2E/x", "/services/chat/..%2fx", "/services/chat/%2f..",
        "/services/chat/..\\x", "/services/chat/..%5cx", "/services/chat/a/..%2F..%2Fb", "/..", "/.", "/v1/../v2",
        "/v1/%2e%2e/services/x", "/services/..", "/services/%2e%2e/x", "/services/chat/%00", "/services/chat/%",
        "/services/chat/%2", "/services/chat/%zz", "/services/a%00/x", "/..?x", "/v1/%2?5",
    ])
    func refusesDotSegmentsAndBrokenEscapes(target: String) {
        #expect(RequestTarget(target) == .unsafePath)
    }

    @Test func boundsTheName() {
        let longest = String(repeating: "n", count: ModelNameScanner.maximumNameBytes)
        #expect(RequestTarget("/services/\(longest)/x") == .service(name: longest, target: "/x"))
        #expect(RequestTarget("/services/\(longest)n/x") == .unknown)
    }
}
