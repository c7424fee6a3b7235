import Contracts
import InferenceGatewayCore

extension RouteTable.Entry {
    /// What the documents say, as far as it can be used, and what cannot: an address or a hash that is not one is left
    /// out, so that one bad record does not take the other services down.
    static func entries(of routes: [RouteDocument]) -> (entries: [Self], problems: [String]) {
        var problems: [String] = []
        let entries = routes.map { route in
            var tokens: [TokenDigest: Token] = [:]
            for token in route.tokens {
                if let digest = TokenDigest(hexadecimal: token.sha256) {
                    tokens[digest] = Token(
                        id: token.id, expiry: token.expiresAt.map { .at($0) } ?? .never,
                        limits: TokenBudget.Limits(
                            requestsPerMinute: token.requestsPerMinute, tokensPerMinute: token.tokensPerMinute))
                } else {
                    problems.append("token \(token.id) of \(route.name) has no SHA-256")
                }
            }
            let instances = route.upstreams.compactMap { upstream -> Instance? in
                guard let address = UpstreamAddress(url: upstream.url) else {
                    problems.append("instance \(upstream.instanceID) of \(route.name) has no usable URL")
                    return nil
                }
                return Instance(id: upstream.instanceID, revision: upstream.revision, address: address)
            }
            return Self(
                serviceID: route.serviceID, name: route.name, isPublic: route.visibility == .public, tokens: tokens,
                instances: instances, traffic: Traffic(route.traffic))
        }
        return (entries, problems)
    }
}

extension RouteTable.Entry.Traffic {
    /// Numbers out of range count as the nearest that is in it.
    fileprivate init(_ document: RouteTraffic?) {
        self.init()
        guard let document else { return }
        hasPrefixAffinity = document.balancing == .prefixAffinity
        percents = document.weights.map { weights in
            Dictionary(weights.map { ($0.revision, min(max($0.percent, 0), 100)) }, uniquingKeysWith: { $1 })
        }
        guard let control = document.flowControl else { return }
        concurrency = control.concurrency.map { max(1, $0) }
        queue = QueueLimits(
            length: control.queueLength ?? QueueLimits.defaultLength,
            wait: control.queueSeconds.map { .seconds(max(1, $0)) } ?? QueueLimits.defaultWait)
    }
}
