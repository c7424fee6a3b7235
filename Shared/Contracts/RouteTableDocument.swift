import Domain

/// What `GET /routes` of ModelServing answers: everything the gateway needs to serve. It carries an ETag, and 304 is
/// answered to an `If-None-Match` that holds it.
public struct RouteTableDocument: Hashable, Sendable, Codable {
    public let routes: [RouteDocument]

    public init(routes: [RouteDocument]) { self.routes = routes }
}

/// What `GET /routes?versions=…` answers: the shards that are not as the caller knows them. `versions` is what it
/// knows, as in `3:12,41:7`, and empty for all.
public struct RouteShardsDocument: Hashable, Sendable, Codable {
    public struct Shard: Hashable, Sendable, Codable {
        /// 0 to 63.
        public let shard: Int
        /// Another whenever the routes of the shard are. They may be newer than this says, never older.
        public let version: Int64
        public let routes: [RouteDocument]

        public init(shard: Int, version: Int64, routes: [RouteDocument]) {
            self.shard = shard
            self.version = version
            self.routes = routes
        }
    }

    public let shards: [Shard]

    public init(shards: [Shard]) { self.shards = shards }

    public static func query(_ versions: [Int: Int64]) -> String {
        versions.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// Nil if it is no list of versions.
    public static func versions(_ query: some StringProtocol) -> [Int: Int64]? {
        var versions: [Int: Int64] = [:]
        for part in query.split(separator: ",", omittingEmptySubsequences: true) {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, let shard = Int(pair[0]), let version = Int64(pair[1]) else { return nil }
            versions[shard] = version
        }
        return versions
    }
}

/// One model service as the gateway sees it. Fields that are empty are left out. A private service that is stopped and
/// has no tokens is not told at all: nobody could use it.
public struct RouteDocument: Hashable, Sendable, Codable {
    public enum Visibility: String, Hashable, Sendable, Codable, CaseIterable {
        /// Needs an endpoint token.
        case `private`
        /// Open to anyone who reaches the gateway.
        case `public`
    }

    /// One place where the service answers.
    public struct Upstream: Hashable, Sendable, Codable {
        public let instanceID: ModelServiceInstanceID
        public let revision: Int
        /// `http://127.0.0.1:40123`, without a path.
        public let url: String

        public init(instanceID: ModelServiceInstanceID, revision: Int, url: String) {
            self.instanceID = instanceID
            self.revision = revision
            self.url = url
        }

        private enum CodingKeys: String, CodingKey {
            case revision, url
            case instanceID = "instance_id"
        }
    }

    /// An endpoint token, by its hash only.
    public struct Token: Hashable, Sendable, Codable {
        public let id: EndpointTokenID
        /// SHA-256 of the token's text, 64 lower-case hexadecimal digits.
        public let sha256: String
        public let expiresAt: Timestamp?
        /// Nil means any number. Each gateway counts for itself.
        public let requestsPerMinute: Int?
        /// Tokens of prompts and answers together; nil means any number. Each gateway counts for itself.
        public let tokensPerMinute: Int?

        public init(
            id: EndpointTokenID, sha256: String, expiresAt: Timestamp?, requestsPerMinute: Int? = nil,
            tokensPerMinute: Int? = nil
        ) {
            self.id = id
            self.sha256 = sha256
            self.expiresAt = expiresAt
            self.requestsPerMinute = requestsPerMinute
            self.tokensPerMinute = tokensPerMinute
        }

        private enum CodingKeys: String, CodingKey {
            case id, sha256
            case expiresAt = "expires_at"
            case requestsPerMinute = "requests_per_minute"
            case tokensPerMinute = "tokens_per_minute"
        }
    }

    public let serviceID: ModelServiceID
    /// The service's name: the `model` of OpenAI bodies, and `{name}` of `/services/{name}/…`.
    public let name: String
    public let visibility: Visibility
    public let tokens: [Token]
    /// Ready instances only; empty while none is.
    public let upstreams: [Upstream]
    /// Nil: as befits most services, and for all that have no instances.
    public let traffic: RouteTraffic?

    public init(
        serviceID: ModelServiceID, name: String, visibility: Visibility, tokens: [Token], upstreams: [Upstream],
        traffic: RouteTraffic? = nil
    ) {
        self.serviceID = serviceID
        self.name = name
        self.visibility = visibility
        self.tokens = tokens
        self.upstreams = upstreams
        self.traffic = traffic
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        serviceID = try container.decode(ModelServiceID.self, forKey: .serviceID)
        name = try container.decode(String.self, forKey: .name)
        visibility = try container.decodeIfPresent(Visibility.self, forKey: .visibility) ?? .private
        tokens = try container.decodeIfPresent([Token].self, forKey: .tokens) ?? []
        upstreams = try container.decodeIfPresent([Upstream].self, forKey: .upstreams) ?? []
        traffic = try container.decodeIfPresent(RouteTraffic.self, forKey: .traffic)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(serviceID, forKey: .serviceID)
        try container.encode(name, forKey: .name)
        if visibility != .private { try container.encode(visibility, forKey: .visibility) }
        if !tokens.isEmpty { try container.encode(tokens, forKey: .tokens) }
        if !upstreams.isEmpty { try container.encode(upstreams, forKey: .upstreams) }
        try container.encodeIfPresent(traffic, forKey: .traffic)
    }

    private enum CodingKeys: String, CodingKey {
        case name, visibility, tokens, upstreams, traffic
        case serviceID = "service_id"
    }
}
