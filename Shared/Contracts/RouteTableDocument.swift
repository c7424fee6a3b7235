import Domain

/// What `GET /routes` of ModelServing answers: everything the gateway needs to serve. It carries an ETag, and 304 is
/// answered to an `If-None-Match` that holds it.
public struct RouteTableDocument: Hashable, Sendable, Codable {
    public let routes: [RouteDocument]

    public init(routes: [RouteDocument]) { self.routes = routes }
}

/// One model service as the gateway sees it.
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

        public init(id: EndpointTokenID, sha256: String, expiresAt: Timestamp?) {
            self.id = id
            self.sha256 = sha256
            self.expiresAt = expiresAt
        }

        private enum CodingKeys: String, CodingKey {
            case id, sha256
            case expiresAt = "expires_at"
        }
    }

    public let serviceID: ModelServiceID
    /// The service's name: the `model` of OpenAI bodies, and `{name}` of `/services/{name}/…`.
    public let name: String
    public let visibility: Visibility
    public let tokens: [Token]
    /// Ready instances only; empty while none is.
    public let upstreams: [Upstream]

    public init(
        serviceID: ModelServiceID, name: String, visibility: Visibility, tokens: [Token], upstreams: [Upstream]
    ) {
        self.serviceID = serviceID
        self.name = name
        self.visibility = visibility
        self.tokens = tokens
        self.upstreams = upstreams
    }

    private enum CodingKeys: String, CodingKey {
        case name, visibility, tokens, upstreams
        case serviceID = "service_id"
    }
}
