/// Where an instance answers.
public struct UpstreamAddress: Hashable, Sendable {
    public let isTLS: Bool
    /// A host name or an address; IPv6 without brackets.
    public let host: String
    public let port: UInt16
    /// What stands before the path of every request: empty, or a path without a slash at its end.
    public let pathPrefix: String

    public init(isTLS: Bool = false, host: String, port: UInt16, pathPrefix: String = "") {
        self.isTLS = isTLS
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }
}
