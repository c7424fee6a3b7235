import HTTP
import InferenceGatewayCore

extension UpstreamAddress {
    /// Characters of the path that stands before those of requests.
    private static let maximumPrefixLength = 256

    /// Nil if it is no `http` or `https` URL, or has more than a plain path behind the port.
    init?(url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let pathStart = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
        var prefix = url[pathStart...]
        if prefix.hasSuffix("/") { prefix.removeLast() }
        guard let origin = HTTPOrigin(String(url[..<pathStart])), prefix.utf8.count <= Self.maximumPrefixLength,
            prefix.utf8.allSatisfy(Self.isPlain), prefix.firstRange(of: "//") == nil, !prefix.hasSuffix("/"),
            !prefix.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        self.init(
            isTLS: origin.scheme == .https, host: origin.host, port: origin.port, pathPrefix: String(prefix))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
