/// A request, as a server received it or a client is to send it.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// Path and query as on the wire (`/models?page_size=2`), percent-encoded; an absolute-form target has been
    /// taken apart by the parser, so this always begins with `/` (or is `*` for OPTIONS).
    public var target: String
    public var fields: HTTPFields
    public var body: HTTPBody
    /// The address that the connection came from (`127.0.0.1:51234`); empty on the client side and in tests.
    public var peer: String
    /// Of a request to go on with WebSocket frames: the bytes that the client sends once 101 is answered, and not
    /// before. Such an answer's body is what the client gets; each end of the two is the end of that direction.
    ///
    /// Handing it to a transport asks the other server for the same.
    // Not with `?`, which makes it nil before it gets its value: then the compiler puts every request together in one
    // place and copies it to where it belongs.
    public var webSocketInput: Optional<any ByteStream>

    public init(
        _ method: HTTPMethod, _ target: String, fields: HTTPFields = [:], body: HTTPBody = .empty, peer: String = "",
        webSocketInput: (any ByteStream)? = nil
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.peer = peer
        self.webSocketInput = webSocketInput
    }

    /// The target up to the query, still percent-encoded.
    public var path: Substring {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...]
    }

    /// What follows the first `?`, still percent-encoded; nil if there is none.
    public var query: Substring? {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[target.utf8.index(after: $0)...] }
    }
}
