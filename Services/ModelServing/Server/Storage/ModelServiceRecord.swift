import Contracts
import Domain
import JSON
import ModelServingCore
import Persistence

/// A model service as it is stored under `service:{id}`: the aggregate itself, which has no other form in the store.
struct ModelServiceRecord: EntityRecord {
    /// 2: with an owner.
    static let schemaVersion = 2
    /// Of what was made while nobody else could make anything.
    private static let firstOwner = "admin"

    let service: ModelService

    var uuid: UUIDv7 { service.id.uuid }
    var name: String { service.name.description }

    init(_ service: ModelService) { self.service = service }

    init(from decoder: any Decoder) throws { service = try ModelService(from: decoder) }

    func encode(to encoder: any Encoder) throws { try service.encode(to: encoder) }

    static func upgrade(_ document: JSONObject, from version: Int) throws(ServiceError) -> JSONObject {
        var document = document
        document["owner_id"] = document["owner_id"] ?? .string(firstOwner)
        return document
    }
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
    /// Nil once the service is to be deleted, which the gateway should forget at once, and while it sleeps: there may
    /// be many that do, and the gateway has no use for them.
    var route: RouteDocument? {
        guard deletionRequestedAt == nil, !sleeps else { return nil }
        let upstreams = instances.filter(\.isReady).compactMap { instance in
            instance.url.map {
                RouteDocument.Upstream(instanceID: instance.id, revision: instance.revision, url: $0)
            }
        }
        return RouteDocument(
            serviceID: id, name: name.description,
            visibility: configuration.visibility == .public ? .public : .private,
            tokens: tokens.map {
                RouteDocument.Token(
                    id: $0.id, sha256: $0.sha256, expiresAt: $0.expiresAt, requestsPerMinute: $0.requestsPerMinute,
                    tokensPerMinute: $0.tokensPerMinute)
            },
            upstreams: upstreams, traffic: upstreams.isEmpty ? nil : traffic)
    }

    /// It is stopped, and nobody could use it if it were not: it is private and has no tokens.
    private var sleeps: Bool {
        configuration.replicas == 0 && configuration.visibility == .private && tokens.isEmpty
            && instances.allSatisfy(\.phase.isEnded)
    }

    /// Nil if nothing is other than by default.
    private var traffic: RouteTraffic? {
        let balancing: RouteTraffic.Balancing? =
            switch configuration.balancing {
            case .leastOutstanding, nil: nil
            case .prefixAffinity: .prefixAffinity
            }
        let weights = trafficWeights.map { weights in
            weights.sorted { $0.key < $1.key }.map { RouteTraffic.Weight(revision: $0.key, percent: $0.value) }
        }
        let flowControl = configuration.flowControl.map {
            RouteTraffic.FlowControl(
                concurrency: $0.concurrency, queueLength: $0.queueLength, queueSeconds: $0.queueSeconds)
        }
        guard balancing != nil || weights != nil || flowControl != nil else { return nil }
        return RouteTraffic(balancing: balancing, weights: weights, flowControl: flowControl)
    }
}
