import Domain

extension RouteTable {
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

        public struct Token: Hashable, Sendable {
            public let id: EndpointTokenID
            public let expiry: TokenExpiry
            public let limits: TokenBudget.Limits?

            public init(id: EndpointTokenID, expiry: TokenExpiry, limits: TokenBudget.Limits? = nil) {
                self.id = id
                self.expiry = expiry
                self.limits = limits
            }
        }

        /// How requests are spread, and how many are sent and wait at once.
        public struct Traffic: Hashable, Sendable {
            /// Prompts that begin alike go to the same instance.
            public var hasPrefixAffinity = false
            /// Percents by revision; nil means that all instances get the same.
            public var percents: [Int: Int]?
            /// Requests that one instance is sent at once; nil means as many as its engine works on, if it tells.
            public var concurrency: Int?
            public var queue = QueueLimits()

            public init() {}
        }

        public let serviceID: ModelServiceID
        public let name: String
        public let isPublic: Bool
        public let tokens: [TokenDigest: Token]
        public let instances: [Instance]
        public let traffic: Traffic

        public init(
            serviceID: ModelServiceID, name: String, isPublic: Bool, tokens: [TokenDigest: Token],
            instances: [Instance], traffic: Traffic = Traffic()
        ) {
            self.serviceID = serviceID
            self.name = name
            self.isPublic = isPublic
            self.tokens = tokens
            self.instances = instances
            self.traffic = traffic
        }
    }
}
