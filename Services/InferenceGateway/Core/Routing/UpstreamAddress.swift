/// Where an instance answers.
public struct UpstreamAddress: Hashable, Sendable {
    public let isTLS: Bool
    /// A host name or an address; IPv6 without brackets.
    public let host: String
    public let port: UInt16

    public init(isTLS: Bool = false, host: String, port: UInt16) {
        self.isTLS = isTLS
        self.host = host
        self.port = port
    }
}
