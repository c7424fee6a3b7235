/// How connections are made.
public struct CurlOptions: Hashable, Sendable {
    /// A file of PEM certificates to trust instead of the system's.
    public var certificateAuthorityFile: String?
    /// A client certificate and its key, PEM files.
    public var clientCertificateFile: String?
    public var clientKeyFile: String?
    /// As the files above, as PEM texts. A text goes before its file.
    public var certificateAuthority: String?
    public var clientCertificate: String?
    public var clientKey: String?
    /// The name that the server's certificate must be for, where it is not the host that is connected to.
    public var serverName: String?
    /// Takes whatever certificate the server shows. Then nobody knows who is on the other end.
    public var trustsAnyServer = false
    /// `http://`, `https://` or `socks5://`, instead of what the environment says.
    public var proxyURL: String?

    public init(
        certificateAuthorityFile: String? = nil, clientCertificateFile: String? = nil, clientKeyFile: String? = nil
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}
