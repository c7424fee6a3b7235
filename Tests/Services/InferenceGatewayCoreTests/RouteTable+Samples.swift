import Domain
import InferenceGatewayCore

extension RouteTable.Entry {
    static func sample(
        _ name: String, isPublic: Bool = true, tokens: [TokenDigest: TokenExpiry] = [:], instances: [Instance] = []
    ) -> Self {
        Self(
            serviceID: ModelServiceID(UUIDv7(high: 1, low: 1)), name: name, isPublic: isPublic, tokens: tokens,
            instances: instances)
    }
}

extension RouteTable.Entry.Instance {
    static func sample(_ id: UInt64, port: UInt16 = 9000) -> Self {
        Self(id: .sample(id), revision: 1, address: UpstreamAddress(host: "127.0.0.1", port: port))
    }
}

extension ModelServiceInstanceID {
    static func sample(_ id: UInt64) -> Self { Self(UUIDv7(high: 1, low: id)) }
}

extension InstanceMeter.Outcome {
    static func sample(
        status: Int = 200, end: End = .complete, duration: Duration = .zero, firstByte: Duration? = .zero
    ) -> Self {
        Self(
            inferenceProtocol: .openAI, status: status, end: end, duration: duration, firstByte: firstByte)
    }
}
