import Domain

/// The body of `POST /gateway_reports`: which routes a gateway goes by, and which instances it still has requests at
/// though they are in its routes no more. An instance that is to go has nothing left to do once every gateway has said
/// so.
public struct GatewayReport: Hashable, Sendable, Codable {
    /// Characters of a gateway's id.
    public static let maximumNameLength = 128
    /// Characters of `versions`.
    public static let maximumVersionsLength = 2048
    public static let maximumInstances = 1000

    public let gatewayID: String
    /// As in `RouteShardsDocument.query`.
    public let versions: String
    public let busyInstances: [ModelServiceInstanceID]

    public init(gatewayID: String, versions: String, busyInstances: [ModelServiceInstanceID]) {
        self.gatewayID = gatewayID
        self.versions = versions
        self.busyInstances = busyInstances
    }

    private enum CodingKeys: String, CodingKey {
        case versions
        case gatewayID = "gateway_id"
        case busyInstances = "busy_instances"
    }
}
