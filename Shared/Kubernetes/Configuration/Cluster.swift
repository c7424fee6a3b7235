import HTTP
import HTTPClient
import JSON

/// How an API server is reached.
struct Cluster: Sendable {
    let server: HTTPBaseURL
    var certificateAuthority: CredentialText?
    var serverName: String?
    var trustsAnyServer = false
    var proxyURL: String?
    /// What a credential plugin is told besides, as it stands in the kubeconfig.
    var pluginSettings: JSONValue?

    init(server: HTTPBaseURL) { self.server = server }

    func options(with identity: Identity) throws(KubernetesError) -> CurlOptions {
        var options = CurlOptions()
        options.certificateAuthority = try certificateAuthority?.text()
        options.serverName = serverName
        options.trustsAnyServer = trustsAnyServer
        options.proxyURL = proxyURL
        options.clientCertificate = identity.certificate
        options.clientKey = identity.key?.text
        return options
    }
}
