import HTTP

/// Where something of a Ray cluster is reached: an origin, and the path before all others if there is one, which a
/// proxy in front of the cluster may ask for.
public struct RayAddress: Hashable, Sendable, CustomStringConvertible {
    public let origin: HTTPOrigin
    /// Begins with a slash and does not end with one; empty for none.
    public let path: String

    /// Takes `http://host:port`, `https://host` and either with a path; nil for anything else.
    public init?(_ url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let origin = HTTPOrigin(String(url[..<authority.endIndex])) else { return nil }
        let segments = rest[authority.endIndex...].split(separator: "/", omittingEmptySubsequences: true)
        guard segments.allSatisfy({ $0.utf8.allSatisfy(Self.isPathByte) }) else { return nil }
        self.origin = origin
        path = segments.map { "/\($0)" }.joined()
    }

    public var description: String { origin.description + path }

    /// Whether only this machine is meant.
    var isLoopback: Bool {
        origin.host == "localhost" || origin.host == "::1" || origin.host.hasPrefix("127.")
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x7E: byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        default: false
        }
    }
}
