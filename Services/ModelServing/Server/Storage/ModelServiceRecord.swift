import Contracts
import Domain
import ModelServingCore
import Persistence

/// A model service as it is stored under `service:{id}`: the aggregate itself, which has no other form in the store.
struct ModelServiceRecord: EntityRecord {
    let service: ModelService

    var uuid: UUIDv7 { service.id.uuid }
    var name: String { service.name.description }

    init(_ service: ModelService) { self.service = service }

    init(from decoder: any Decoder) throws { service = try ModelService(from: decoder) }

    func encode(to encoder: any Encoder) throws { try service.encode(to: encoder) }
}

/// Under `instance:{id}`: which service an instance belongs to.
struct InstanceRecord: StateRecord {
    let serviceID: ModelServiceID

    private enum CodingKeys: String, CodingKey {
        case serviceID = "service_id"
    }

    static func key(_ id: ModelServiceInstanceID) -> RecordKey<Self> { RecordKey("instance:\(id)") }
}

/// Under `routes:{shard}`: what the gateway needs of the shard's services, in the order of their ids.
struct RouteShardRecord: StateRecord {
    private(set) var routes: [RouteDocument] = []

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("routes:\(shard)") }

    /// The services that have somewhere to send requests to.
    var answering: [ModelServiceID] { routes.filter { !$0.upstreams.isEmpty }.map(\.serviceID) }

    func route(of service: ModelServiceID) -> RouteDocument? { routes.first { $0.serviceID == service } }

    /// - Returns: whether that changed anything.
    mutating func set(_ route: RouteDocument?, of service: ModelServiceID) -> Bool {
        let index = routes.firstIndex { $0.serviceID == service }
        switch (index, route) {
        case (nil, nil): return false
        case (let index?, nil): routes.remove(at: index)
        case (let index?, let route?):
            guard routes[index] != route else { return false }
            routes[index] = route
        case (nil, let route?): routes.insert(route, at: routes.firstIndex { service < $0.serviceID } ?? routes.count)
        }
        return true
    }
}

extension ModelService {
    /// Nil once the service is to be deleted: the gateway should forget it at once.
    var route: RouteDocument? {
        guard deletionRequestedAt == nil else { return nil }
        let upstreams = instances.filter(\.isReady).compactMap { instance in
            instance.url.map {
                RouteDocument.Upstream(instanceID: instance.id, revision: instance.revision, url: $0)
            }
        }
        return RouteDocument(
            serviceID: id, name: name.description,
            visibility: configuration.visibility == .public ? .public : .private,
            tokens: tokens.map { RouteDocument.Token(id: $0.id, sha256: $0.sha256, expiresAt: $0.expiresAt) },
            upstreams: upstreams)
    }
}
