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
