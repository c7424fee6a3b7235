import Contracts
import Domain
import JSON
import Persistence

/// Under `routes:{shard}`: what the gateway needs of the shard's services that it could let anyone use.
struct RouteShardRecord: StateRecord {
    static var schemaVersion: Int { 2 }

    /// In the order of the services' ids.
    private(set) var routes: [RouteDocument] = []

    init() {}

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("routes:\(shard)") }

    /// Version 1 had those that sleep among the others, and version 2 once had them in a list of their own.
    static func upgrade(_ document: JSONObject, from version: Int) -> JSONObject { document }

    /// The services that have somewhere to send requests to.
    var answering: [ModelServiceID] { routes.filter { !$0.upstreams.isEmpty }.map(\.serviceID) }

    func route(of service: ModelServiceID) -> RouteDocument? {
        routes.first { $0.serviceID == service }
    }

    /// - Returns: whether that changed anything.
    mutating func set(_ route: RouteDocument?, of service: ModelServiceID) -> Bool {
        guard self.route(of: service) != route else { return false }
        routes.removeAll { $0.serviceID == service }
        if let route { routes.insert(route, at: routes.firstIndex { service < $0.serviceID } ?? routes.count) }
        return true
    }
}

/// Under `routes_version:{shard}`: counts the changes of `routes:{shard}`, in the same transactions. Small, so that
/// all of them can be read several times a second.
struct RouteVersionRecord: StateRecord {
    let version: StoredInteger

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("routes_version:\(shard)") }
}
