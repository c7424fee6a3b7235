import Contracts
import Domain
import JSON
import Persistence

/// Under `routes:{shard}`: what the gateway needs of the shard's services.
///
/// It is read and written with each service that comes, so those that sleep (private, without tokens and instances) are
/// kept as one string each: there may be many, and a string is read in a tenth of an object's time.
struct RouteShardRecord: StateRecord {
    static var schemaVersion: Int { 2 }

    /// Those that do not sleep, in the order of their ids.
    private var awake: [RouteDocument] = []
    /// `id name`, in the order of the ids.
    private var asleep: [String] = []

    init() {}

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("routes:\(shard)") }

    /// In version 1 there was no other list.
    static func upgrade(_ document: JSONObject, from version: Int) -> JSONObject { document }

    /// The services that have somewhere to send requests to.
    var answering: [ModelServiceID] { awake.filter { !$0.upstreams.isEmpty }.map(\.serviceID) }

    /// All of them, in the order of their ids.
    var routes: [RouteDocument] {
        (awake + asleep.compactMap(Self.sleeper)).sorted { $0.serviceID < $1.serviceID }
    }

    func route(of service: ModelServiceID) -> RouteDocument? {
        awake.first { $0.serviceID == service } ?? sleeper(service).flatMap { Self.sleeper(asleep[$0]) }
    }

    /// - Returns: whether that changed anything.
    mutating func set(_ route: RouteDocument?, of service: ModelServiceID) -> Bool {
        guard self.route(of: service) != route else { return false }
        awake.removeAll { $0.serviceID == service }
        if let index = sleeper(service) { asleep.remove(at: index) }
        guard let route else { return true }
        if route.isAsleep {
            let text = "\(route.serviceID) \(route.name)"
            // New ids are the greatest.
            asleep.insert(text, at: asleep.lastIndex { $0 < text }.map { $0 + 1 } ?? 0)
        } else {
            awake.insert(route, at: awake.firstIndex { service < $0.serviceID } ?? awake.count)
        }
        return true
    }

    private func sleeper(_ service: ModelServiceID) -> Int? {
        let id = service.description
        return asleep.firstIndex { $0.hasPrefix(id) }
    }

    private static func sleeper(_ text: String) -> RouteDocument? {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let id = ModelServiceID(parts[0]) else { return nil }
        return RouteDocument(
            serviceID: id, name: String(parts[1]), visibility: .private, tokens: [], upstreams: [])
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        awake = try container.decode([RouteDocument].self, forKey: .awake)
        asleep = try container.decodeIfPresent([String].self, forKey: .asleep) ?? []
    }

    private enum CodingKeys: String, CodingKey {
        case awake = "routes"
        case asleep
    }
}

/// Under `routes_version:{shard}`: counts the changes of `routes:{shard}`, in the same transactions. Small, so that
/// all of them can be read several times a second.
struct RouteVersionRecord: StateRecord {
    let version: StoredInteger

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("routes_version:\(shard)") }
}

extension RouteDocument {
    fileprivate var isAsleep: Bool { visibility == .private && tokens.isEmpty && upstreams.isEmpty }
}
