/// An origin and the path that stands before those of all requests to it, which a proxy in front may ask for.
public struct HTTPBaseURL: Hashable, Sendable, CustomStringConvertible {
    /// Characters of the path.
    public static let maximumPathLength = 256

    public let origin: HTTPOrigin
    /// Empty, or `/k8s/clusters/c-1`: begins with a slash and does not end with one.
    public let path: String

    public init(_ origin: HTTPOrigin) {
        self.origin = origin
        path = ""
    }

    /// Takes `http://host:port`, `https://host` and either with a path, with or without a slash at its end. Nil for
    /// anything else: queries, escapes, empty segments, and those that lead elsewhere.
    public init?(_ url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let pathStart = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
        guard let origin = HTTPOrigin(String(url[..<pathStart])) else { return nil }
        var path = url[pathStart...]
        if path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.utf8.count <= Self.maximumPathLength, path.utf8.allSatisfy(Self.isPlain),
            segments.allSatisfy({ !["", ".", ".."].contains($0) })
        else { return nil }
        self.origin = origin
        self.path = String(path)
    }

    public var description: String { origin.description + path }

    /// What RFC 3986 lets stand in a path for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/-._~!$&'()*+,;=:@".utf8.contains(byte)
        }
    }
}
