import HTTP
import InferenceGatewayCore

extension UpstreamAddress {
    /// Nil if it is no `http` or `https` URL, or has more than a plain path behind the port.
    init?(url: String) {
        guard let base = HTTPBaseURL(url) else { return nil }
        self.init(
            isTLS: base.origin.scheme == .https, host: base.origin.host, port: base.origin.port,
            pathPrefix: base.path)
    }
}
