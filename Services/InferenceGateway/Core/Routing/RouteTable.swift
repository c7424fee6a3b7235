import Domain
import Synchronization

/// Everything the gateway needs to serve, as of one moment: immutable, and swapped as a whole.
public final class RouteTable: Sendable {
    /// Meters of instances that left the table, kept so that what they counted can still be read; the oldest go first.
    public static let maximumRetiredMeters = 1000

    private let routesByName: [String: ServiceRoute]
    /// By the number of their shard.
    private let shards: [Int: [ServiceRoute]]
    /// Every token of every service, to tell a foreign token from an unknown one.
    private let allTokens: [TokenDigest: TokenExpiry]
    private let upstreams: [ModelServiceInstanceID: Upstream]
    /// Of instances that are no longer here, oldest first.
    public let retiredMeters: [InstanceMeter]
    /// Those that were in the table before this one and are not in this: they get no new requests, and may still be
    /// busy with old ones.
    public let departed: [Upstream]
    /// Services whose shards have changed.
    let changed: [ServiceRoute]
    /// Services that were in the table before this one and are not in this.
    let closed: [ServiceRoute]
    private let sorted = Mutex<[ServiceRoute]?>(nil)

    public static let empty = RouteTable([], after: nil)

    /// A table of these entries alone.
    public convenience init(_ entries: [Entry], after previous: RouteTable?) {
        self.init(changing: [0: entries], isWhole: true, after: previous)
    }

    /// `previous` with other entries in some of its shards: what it costs grows with those.
    ///
    /// An instance that was in `previous` keeps its meter, and its count of outstanding requests if its address is
    /// still the same. Of several entries with one name that of the youngest service counts, and else the first.
    ///
    /// - Parameter isWhole: shards that are not among `changes` are empty.
    public init(changing changes: [Int: [Entry]], isWhole: Bool, after previous: RouteTable?) {
        var parts = Parts(previous)
        var former: [ServiceRoute] = []
        for shard in isWhole ? Array(parts.shards.keys) : Array(changes.keys) { former += parts.remove(shard) }
        let leaving = former.flatMap(\.upstreams)
        var known = Dictionary(
            previous?.retiredMeters.map { ($0.instanceID, $0) } ?? [], uniquingKeysWith: { _, newer in newer })
        for upstream in leaving { known[upstream.meter.instanceID] = upstream.meter }
        for (shard, entries) in changes.sorted(by: { $0.key < $1.key }) {
            for entry in entries {
                let before = previous?.routesByName[entry.name].flatMap { $0.serviceID == entry.serviceID ? $0 : nil }
                parts.add(entry, to: shard, after: before) { instance in
                    let former = previous?.upstreams[instance.id]
                    if let former, former.address == instance.address, former.meter.revision == instance.revision {
                        return former
                    }
                    return Upstream(
                        address: instance.address,
                        meter: former?.meter ?? known[instance.id]
                            ?? InstanceMeter(
                                instanceID: instance.id, service: entry.name, revision: instance.revision))
                }
            }
        }
        routesByName = parts.routesByName
        shards = parts.shards
        allTokens = parts.allTokens
        let upstreams = parts.upstreams
        self.upstreams = upstreams
        changed = changes.keys.flatMap { parts.shards[$0] ?? [] }
        let ids = Set(changed.map(\.serviceID))
        closed = former.filter { !ids.contains($0.serviceID) }
        departed = leaving.filter { upstreams[$0.meter.instanceID] !== $0 }
        retiredMeters = Array(
            ((previous?.retiredMeters ?? []) + leaving.map(\.meter).sorted { $0.instanceID < $1.instanceID })
                .filter { upstreams[$0.instanceID] == nil }.suffix(Self.maximumRetiredMeters))
    }

    /// What a table is put together from.
    private struct Parts {
        var routesByName: [String: ServiceRoute]
        var shards: [Int: [ServiceRoute]]
        var allTokens: [TokenDigest: TokenExpiry]
        var upstreams: [ModelServiceInstanceID: Upstream]

        init(_ table: RouteTable?) {
            routesByName = table?.routesByName ?? [:]
            shards = table?.shards ?? [:]
            allTokens = table?.allTokens ?? [:]
            upstreams = table?.upstreams ?? [:]
        }

        /// - Returns: the shard's services.
        mutating func remove(_ shard: Int) -> [ServiceRoute] {
            let routes = shards.removeValue(forKey: shard) ?? []
            for route in routes {
                if routesByName[route.name] === route { routesByName[route.name] = nil }
                for token in route.tokens.keys { allTokens[token] = nil }
                for upstream in route.upstreams { upstreams[upstream.meter.instanceID] = nil }
            }
            return routes
        }

        mutating func add(
            _ entry: Entry, to shard: Int, after previous: ServiceRoute?, _ upstream: (Entry.Instance) -> Upstream
        ) {
            if let other = routesByName[entry.name], other.serviceID >= entry.serviceID { return }
            let ready = entry.instances.map(upstream)
            for upstream in ready { upstreams[upstream.meter.instanceID] = upstream }
            allTokens.merge(entry.tokens.mapValues(\.expiry)) { first, _ in first }
            let route = ServiceRoute(entry, upstreams: ready, after: previous)
            routesByName[entry.name] = route
            shards[shard, default: []].append(route)
        }
    }

    /// Sorted by name, when someone asks for the first time.
    public var routes: [ServiceRoute] {
        sorted.withLock { sorted in
            let routes = sorted ?? routesByName.values.sorted { $0.name < $1.name }
            sorted = routes
            return routes
        }
    }

    public var count: Int { routesByName.count }

    var hasPublicService: Bool { routesByName.values.contains(where: \.isPublic) }

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
