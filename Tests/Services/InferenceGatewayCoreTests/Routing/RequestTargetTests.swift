import Testing

@testable import InferenceGatewayCore

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/v1/models", RequestTarget.modelList),
        ("/v1/models?limit=1", .modelList),
        ("/v1/models/chat", .modelEntry("chat")),
        ("/v1/models/a%20b", .modelEntry("a b")),
        ("/v1/models/", .unknown(.openAI)),
        ("/v1/models/a%ff", .modelEntry("a%ff")),
        ("/v1/modelsx", .openAI),
        ("/v1/chat/completions", .openAI),
        ("/v1/", .unknown(.openAI)),
        ("/v1", .unknown(.openAI)),
        ("/v2", .openInference(.serverMetadata)),
        ("/v2/", .openInference(.serverMetadata)),
        ("/v2?x", .openInference(.serverMetadata)),
        ("/v2/health/live", .openInference(.serverLive)),
        ("/v2/health/live/", .openInference(.serverLive)),
        ("/v2/health/ready?x=/y", .openInference(.serverReady)),
        ("/v2/health", .openInference(.unknown)),
        ("/v2/health/live/x", .openInference(.unknown)),
        ("/v2//health/live", .openInference(.unknown)),
        ("/v2/models", .openInference(.unknown)),
        ("/v2/models//infer", .openInference(.unknown)),
        ("/v2/models/%ff/infer", .openInference(.unknown)),
        ("/v2/repository/index", .openInference(.unknown)),
        ("/v2/models/md-7", .openInference(.model(name: "md-7", .metadata))),
        ("/v2/models/md-7/", .openInference(.model(name: "md-7", .metadata))),
        ("/v2/models/md-7/infer", .openInference(.model(name: "md-7", .infer))),
        ("/v2/models/md-7/health/live", .openInference(.model(name: "md-7", .live))),
        ("/v2/models/a%20b/ready", .openInference(.model(name: "a b", .ready))),
        ("/v2/models/iris/versions/2", .openInference(.model(name: "iris", .metadata))),
        ("/v2/models/iris/versions/2/ready", .openInference(.model(name: "iris", .ready))),
        ("/v2/models/iris/versions/2/infer?x", .openInference(.model(name: "iris", .infer))),
        ("/v2/models/iris/versions", .openInference(.model(name: "iris", .other))),
        ("/v2/models/iris/generate", .openInference(.model(name: "iris", .other))),
        ("/v2/models/iris/../other/infer", .unsafePath(.openInference)),
        ("/v1/../x", .unsafePath(.openAI)),
        ("/x/..", .unsafePath(nil)),
        ("/v22", .unknown(nil)),
        ("/v3/x", .unknown(nil)),
        ("/", .unknown(nil)),
        ("*", .unknown(nil)),
        ("", .unknown(nil)),
        ("/%76%31/models", .unknown(nil)),
        ("/V1/models", .unknown(nil)),
        ("/services/", .unknown(.service)),
        ("/services", .unknown(nil)),
        ("/services//x", .unknown(.service)),
        ("/services/%ff/x", .unknown(.service)),
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
        guard case .unsafePath = RequestTarget(target) else {
            Issue.record("\(target) should be refused")
            return
        }
    }

    @Test func boundsTheName() {
        let longest = String(repeating: "n", count: ModelNameScanner.maximumNameBytes)
        #expect(RequestTarget("/services/\(longest)/x") == .service(name: longest, target: "/x"))
        #expect(RequestTarget("/services/\(longest)n/x") == .unknown(.service))
    }
}
