import Contracts
import HTTP
import InferenceGatewayCore

extension RouteTable.Entry {
    /// What the documents say, as far as it can be used, and what cannot: an address or a hash that is not one is left
    /// out, so that one bad record does not take the other services down.
    static func entries(of routes: [RouteDocument]) -> (entries: [Self], problems: [String]) {
        var problems: [String] = []
        let entries = routes.map { route in
            var tokens: [TokenDigest: TokenExpiry] = [:]
            for token in route.tokens {
                if let digest = TokenDigest(hexadecimal: token.sha256) {
                    tokens[digest] = token.expiresAt.map { .at($0) } ?? .never
                } else {
                    problems.append("token \(token.id) of \(route.name) has no SHA-256")
                }
            }
            let instances = route.upstreams.compactMap { upstream -> Instance? in
                guard let origin = HTTPOrigin(upstream.url) else {
                    problems.append("instance \(upstream.instanceID) of \(route.name) has no usable URL")
                    return nil
                }
                return Instance(
                    id: upstream.instanceID, revision: upstream.revision,
                    address: UpstreamAddress(isTLS: origin.scheme == .https, host: origin.host, port: origin.port))
            }
            return Self(
                serviceID: route.serviceID, name: route.name, isPublic: route.visibility == .public, tokens: tokens,
                instances: instances)
        }
        return (entries, problems)
    }
}
