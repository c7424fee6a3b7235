import Domain

/// Everything the gateway needs to serve, as of one moment: immutable, and swapped as a whole.
public final class RouteTable: Sendable {
    /// What a table is made of: one service, with where its ready instances answer.
    public struct Entry: Hashable, Sendable {
        public struct Instance: Hashable, Sendable {
            public let id: ModelServiceInstanceID
            public let revision: Int
            public let address: UpstreamAddress

            public init(id: ModelServiceInstanceID, revision: Int, address: UpstreamAddress) {
                self.id = id
                self.revision = revision
                self.address = address
            }
        }

        public let serviceID: ModelServiceID
        public let name: String
        public let isPublic: Bool
        public let tokens: [TokenDigest: TokenExpiry]
        public let instances: [Instance]

        public init(
            serviceID: ModelServiceID, name: String, isPublic: Bool, tokens: [TokenDigest: TokenExpiry],
            instances: [Instance]
        ) {
            self.serviceID = serviceID
            self.name = name
            self.isPublic = isPublic
            self.tokens = tokens
            self.instances = instances
        }
    }

    /// Meters of instances that left the table, kept so that what they counted can still be read; the oldest go first.
    public static let maximumRetiredMeters = 1000

    /// Sorted by name.
    public let routes: [ServiceRoute]
    private let routesByName: [String: ServiceRoute]
    /// Every token of every service, to tell a foreign token from an unknown one.
    private let allTokens: [TokenDigest: TokenExpiry]
    private let upstreams: [ModelServiceInstanceID: Upstream]
    /// Of instances that are no longer here, oldest first.
    public let retiredMeters: [InstanceMeter]

    public static let empty = RouteTable([], after: nil)

    /// An instance that was in `previous` keeps its meter, and its count of outstanding requests if its address is
    /// still the same. Of several entries with one name the first counts.
    public init(_ entries: [Entry], after previous: RouteTable?) {
        var routesByName: [String: ServiceRoute] = [:]
        var allTokens: [TokenDigest: TokenExpiry] = [:]
        var upstreams: [ModelServiceInstanceID: Upstream] = [:]
        let retired = Dictionary(
            previous?.retiredMeters.map { ($0.instanceID, $0) } ?? [], uniquingKeysWith: { _, newer in newer })
        for entry in entries where routesByName[entry.name] == nil {
            let ready = entry.instances.map { instance in
                let known = previous?.upstreams[instance.id]
                if let known, known.address == instance.address, known.meter.revision == instance.revision {
                    return known
                }
                let meter = known?.meter ?? retired[instance.id]
                return Upstream(
                    address: instance.address,
                    meter: meter
                        ?? InstanceMeter(instanceID: instance.id, service: entry.name, revision: instance.revision))
            }
            for upstream in ready { upstreams[upstream.meter.instanceID] = upstream }
            allTokens.merge(entry.tokens) { first, _ in first }
            routesByName[entry.name] = ServiceRoute(
                serviceID: entry.serviceID, name: entry.name, isPublic: entry.isPublic, tokens: entry.tokens,
                upstreams: ready)
        }
        self.routesByName = routesByName
        self.allTokens = allTokens
        self.upstreams = upstreams
        routes = routesByName.values.sorted { $0.name < $1.name }
        let leaving = (previous?.upstreams.values).map { Array($0) } ?? []
        retiredMeters = Array(
            ((previous?.retiredMeters ?? []) + leaving.map(\.meter).sorted { $0.instanceID < $1.instanceID })
                .filter { upstreams[$0.instanceID] == nil }.suffix(Self.maximumRetiredMeters))
    }

    public subscript(name: String) -> ServiceRoute? { routesByName[name] }

    /// Whether any service has this token, and it is not over.
    func knows(_ token: TokenDigest, at now: Timestamp) -> Bool {
        allTokens[token].map { !$0.isOver { now } } ?? false
    }

    /// The meters of all instances, those that left included.
    public var meters: [InstanceMeter] {
        routes.flatMap { $0.upstreams.map(\.meter) } + retiredMeters
    }
}
