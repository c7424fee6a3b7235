import Domain

/// Some fields of a configuration; those that are nil stay as they are.
public struct ConfigurationChange: Hashable, Sendable {
    public var modelID: ModelID?
    public var modelVersion: ModelVersionSelector?
    public var requirements: ResourceRequirements?
    public var resourceGroup: String?
    public var location: String?
    public var poolLabels: [String: String]?
    public var placement: Placement?
    public var runtime: RuntimeKind?
    public var replicas: Int?
    public var visibility: Visibility?
    public var balancing: Balancing?
    /// As a whole; an empty one leaves everything to the gateways again.
    public var flowControl: FlowControl?
    /// 100 ends the canary.
    public var canaryPercent: Int?
    /// As a whole; nil inside means none.
    public var engine: EngineConfiguration??
    /// As a whole; empty ones leave everything to the runtime again.
    public var options: RuntimeOptions?

    public init() {}

    func applied(to former: ServiceConfiguration) throws(ServiceError) -> ServiceConfiguration {
        var configuration = former
        if let modelID, modelID != former.modelID {
            guard modelVersion != nil else {
                throw .invalid("/version", "is required when model_id changes")
            }
            configuration.modelID = modelID
        }
        configuration.modelVersion = modelVersion ?? former.modelVersion
        configuration.requirements = requirements ?? former.requirements
        configuration.resourceGroup = resourceGroup ?? former.resourceGroup
        configuration.location = location ?? former.location
        configuration.poolLabels = poolLabels ?? former.poolLabels
        configuration.placement = placement ?? former.placement
        configuration.runtime = runtime ?? former.runtime
        configuration.replicas = replicas ?? former.replicas
        configuration.visibility = visibility ?? former.visibility
        if let balancing { configuration.balancing = balancing == .leastOutstanding ? nil : balancing }
        if let flowControl { configuration.flowControl = flowControl.isEmpty ? nil : flowControl }
        if let canaryPercent { configuration.canaryPercent = canaryPercent < 100 ? canaryPercent : nil }
        if let engine { configuration.engine = engine }
        if let options { configuration.options = options.isEmpty ? nil : options }
        return configuration
    }
}
