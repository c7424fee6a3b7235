import Domain

/// What a user wants served, and how: the part of a model service that a revision freezes.
public struct ServiceConfiguration: Hashable, Sendable, Codable {
    /// Replicas of one service. 0 means that the service is stopped and kept.
    public static let replicaRange = 0...64
    static let replicaIndices = 0..<replicaRange.upperBound
    /// Of the requests, for a canary. What is wanted with all of them is no canary.
    public static let canaryPercentRange = 1...100

    public var modelID: ModelID
    public var modelVersion: ModelVersionSelector
    /// Of one replica.
    public var requirements: ResourceRequirements
    /// Only pools of this group may give capacity; nil means any.
    public var resourceGroup: String?
    /// Only pools in this place may give capacity; nil means any.
    public var location: String?
    /// Only pools that have all of these labels may give capacity; nil means any.
    public var poolLabels: [String: String]?
    /// Nil means best fit.
    public var placement: Placement?
    public var runtime: RuntimeKind
    public var replicas: Int
    public var visibility: Visibility
    /// Nil means `leastOutstanding`.
    public var balancing: Balancing?
    /// Nil means that gateways choose; never empty.
    public var flowControl: FlowControl?
    /// Below 100: how much of the requests goes to this revision, while the stable one keeps serving the rest. Nil
    /// means that it takes over.
    public var canaryPercent: Int?
    /// The engine, if it is one that needs no model definition file.
    public var engine: EngineConfiguration?
    /// Nil means that the runtime chooses; never empty.
    public var options: RuntimeOptions?

    public init(
        modelID: ModelID, modelVersion: ModelVersionSelector, requirements: ResourceRequirements,
        resourceGroup: String? = nil, location: String? = nil, poolLabels: [String: String]? = nil,
        placement: Placement? = nil, runtime: RuntimeKind = .process, replicas: Int = 1,
        visibility: Visibility = .private, balancing: Balancing? = nil, flowControl: FlowControl? = nil,
        engine: EngineConfiguration? = nil, options: RuntimeOptions? = nil
    ) {
        self.modelID = modelID
        self.modelVersion = modelVersion
        self.requirements = requirements
        self.resourceGroup = resourceGroup
        self.location = location
        self.poolLabels = poolLabels
        self.placement = placement
        self.runtime = runtime
        self.replicas = replicas
        self.visibility = visibility
        self.balancing = balancing == .leastOutstanding ? nil : balancing
        self.flowControl = flowControl?.isEmpty == true ? nil : flowControl
        self.engine = engine
        self.options = options?.isEmpty == true ? nil : options
    }

    /// Instances of `other` can stay as they are: only their number, or who may call them and how, differs.
    public func keepsInstances(of other: Self) -> Bool { other.adapted(to: self) == self }

    /// This, with everything of `other` that instances know nothing of, other than a canary's percent.
    func served(like other: Self) -> Self {
        var configuration = adapted(to: other)
        configuration.canaryPercent = nil
        return configuration
    }

    private func adapted(to other: Self) -> Self {
        var configuration = self
        configuration.replicas = other.replicas
        configuration.visibility = other.visibility
        configuration.balancing = other.balancing
        configuration.flowControl = other.flowControl
        configuration.canaryPercent = other.canaryPercent
        return configuration
    }

    /// Which pools may give capacity.
    public var pools: PoolSelector {
        PoolSelector(resourceGroup: resourceGroup, location: location, labels: poolLabels ?? [:])
    }

    /// How many instances carry the wanted replicas.
    public var instanceCount: Int { runtime.keepsReplicasInside ? min(1, replicas) : replicas }

    /// How many replicas one instance has inside, at most; each claims capacity of its own.
    public var replicasInside: Int {
        runtime.keepsReplicasInside ? options?.autoscaling?.maximumReplicas ?? max(1, replicas) : 1
    }

    private enum CodingKeys: String, CodingKey {
        case requirements, location, placement, runtime, replicas, visibility, balancing, engine
        case modelID = "model_id"
        case modelVersion = "model_version"
        case resourceGroup = "resource_group"
        case poolLabels = "pool_labels"
        case flowControl = "flow_control"
        case canaryPercent = "canary_percent"
        case options = "runtime_options"
    }
}
