import TestSupport

extension Attack {
    /// Other ways to bob's model, as alice, who may see her own.
    static let onPaths: [Attack] = [
        .path("the straight way") { "/models/\($0.his)" },
        .path("an encoded id") { "/models/" + $0.his.utf8.map { "%" + String($0, radix: 16) }.joined() },
        .path("an id encoded twice", [404, 400]) {
            "/models/%25" + String($0.his.utf8.first ?? 0, radix: 16) + $0.his.dropFirst()
        },
        .path("an id in capitals") { "/models/\($0.his.uppercased())" },
        .path("dots in the path") { "/models/\($0.hers)/../\($0.his)" },
        .path("encoded dots in the path") { "/models/\($0.hers)/%2e%2e/\($0.his)" },
        .path("encoded slashes in the path", [404, 400]) { "/models/\($0.hers)%2f..%2f\($0.his)" },
        .path("a backslash", [404, 400]) { "/models/\($0.hers)\\..\\\($0.his)" },
        .path("two slashes") { "//models/\($0.his)" }, .path("a slash behind") { "/models/\($0.his)/" },
        .path("other letters") { "/MODELS/\($0.his)" },
        .path("a parameter of the path", [404, 400]) { "/models/\($0.his);a=1" },
        .path("a zero byte", [404, 400]) { "/models/\($0.his)%00" },
        .path("a line end", [404, 400]) { "/models/\($0.his)%0d%0a" },
        .path("white space", [404, 400]) { "/models/\($0.his)%20" },
        .path("the id of nobody's") { _ in "/models/01920000-0000-7000-8000-000000000001" },
        .path("what belongs to a model") { "/models/\($0.his)/versions" },
        .path("another owner in the query") { "/models/\($0.his)?owner_id=alice" },
        .path("the whole address") { "http://slipway/models/\($0.his)" },
        .path("the whole address of somebody else") { "http://elsewhere.example/models/\($0.his)" },
        .path("a path that is none", [400]) { "models/\($0.his)" },
        Attack("deleting by another method's name", [200]) { server in
            request(
                "GET", "/models/\(server.hers)",
                [alice(server), "X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE", "X-HTTP-Method: DELETE"])
        },
        Attack("posting as if it were another method", [405]) { server in
            request("POST", "/models/\(server.hers)", [alice(server), "X-HTTP-Method-Override: DELETE"])
        },
        Attack("another method in the query", [400, 404]) { server in
            request("GET", "/models/\(server.hers)?_method=DELETE", [alice(server)])
        },
        Attack("another path in a field", [200]) { server in
            request(
                "GET", "/healthz",
                ["X-Original-URL: /models/\(server.his)", "X-Rewrite-URL: /models/\(server.his)"])
        },
        Attack("a method in small letters", [400, 405, 501]) { server in
            request("delete", "/models/\(server.hers)", [alice(server)])
        },
        Attack("a method that echoes", [400, 405, 501]) { server in
            request("TRACE", "/models/\(server.hers)", [alice(server)])
        },
        Attack("deleting what is bob's", [404]) { server in
            request("DELETE", "/models/\(server.his)", [alice(server)])
        },
        Attack("a request within a request", [400]) { server in
            "POST /models HTTP/1.1\r\nHost: a\r\n\(alice(server))\r\nContent-Length: 4\r\n"
                + "Transfer-Encoding: chunked\r\n"
                + "\r\n0\r\n\r\nDELETE /models/\(server.his) HTTP/1.1\r\nHost: a\r\n\r\n"
        },
        Attack("a list", [200, 403]) { request("GET", "/models", [alice($0)]) },
        Attack("looking for a name", [200, 403]) { request("GET", "/models?name=of-bob", [alice($0)]) },
    ]
}
