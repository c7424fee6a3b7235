import Domain
import InferenceGatewayCore

extension RouteTable.Entry {
    static func sample(
        _ name: String, isPublic: Bool = true, tokens: [TokenDigest: TokenExpiry] = [:], instances: [Instance] = [],
        traffic: Traffic = Traffic()
    ) -> Self {
        Self(
            serviceID: ModelServiceID(UUIDv7(high: 1, low: 1)), name: name, isPublic: isPublic,
            tokens: tokens.mapValues { Token(id: .sample, expiry: $0) }, instances: instances, traffic: traffic)
    }
}

extension RouteTable.Entry.Instance {
    static func sample(_ id: UInt64, revision: Int = 1, port: UInt16 = 9000) -> Self {
        Self(id: .sample(id), revision: revision, address: UpstreamAddress(host: "127.0.0.1", port: port))
    }
}

extension ModelServiceInstanceID {
    static func sample(_ id: UInt64) -> Self { Self(UUIDv7(high: 1, low: id)) }
}

extension EndpointTokenID {
    static let sample = Self(UUIDv7(high: 1, low: 1))
}

extension RouteTable {
    /// The instances of the only service of a table.
    static func upstreams(_ count: Int, traffic: Entry.Traffic = Entry.Traffic()) -> [Upstream] {
        let entry = Entry.sample("chat", instances: (0..<count).map { .sample(UInt64($0)) }, traffic: traffic)
        return RouteTable([entry], after: nil)["chat"]?.upstreams ?? []
    }
}

extension InstanceMeter.Outcome {
    static func sample(
        status: Int = 200, end: End = .complete, duration: Duration = .zero, firstByte: Duration? = .zero,
        tokens: TokenCounts? = nil
    ) -> Self {
        Self(
            inferenceProtocol: .openAI, status: status, end: end, duration: duration, firstByte: firstByte,
            tokens: tokens)
    }
}
