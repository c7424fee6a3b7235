/// How the requests of one service are spread over its instances, and what is too much for them.
public struct RouteTraffic: Hashable, Sendable, Codable {
    public enum Balancing: String, Hashable, Sendable, Codable, CaseIterable {
        /// To the less busy of two instances taken at random.
        case leastOutstanding = "least_outstanding"
        /// Prompts that begin alike go to the same instance, which has computed that beginning before, as long as it
        /// is not much busier than the others.
        case prefixAffinity = "prefix_affinity"
    }

    /// The part of the requests that goes to one revision.
    public struct Weight: Hashable, Sendable, Codable {
        public let revision: Int
        /// 0 to 100. What is left of 100 by all of them is nobody's: shares count among the revisions that are ready.
        public let percent: Int

        public init(revision: Int, percent: Int) {
            self.revision = revision
            self.percent = percent
        }
    }

    /// What one gateway sends at once, and lets wait.
    public struct FlowControl: Hashable, Sendable, Codable {
        /// Requests that one instance is sent at once. Nil: as many as its engine works on, where the engine's metrics
        /// tell, and else any number.
        public let concurrency: Int?
        /// Requests of the service that wait while its instances are at work on as many as they take.
        public let queueLength: Int?
        /// How long a request waits.
        public let queueSeconds: Int?

        public init(concurrency: Int? = nil, queueLength: Int? = nil, queueSeconds: Int? = nil) {
            self.concurrency = concurrency
            self.queueLength = queueLength
            self.queueSeconds = queueSeconds
        }

        private enum CodingKeys: String, CodingKey {
            case concurrency
            case queueLength = "queue_length"
            case queueSeconds = "queue_seconds"
        }
    }

    /// Nil: least outstanding.
    public let balancing: Balancing?
    /// Nil: every instance gets the same, of whatever revision it is.
    public let weights: [Weight]?
    public let flowControl: FlowControl?

    public init(balancing: Balancing? = nil, weights: [Weight]? = nil, flowControl: FlowControl? = nil) {
        self.balancing = balancing
        self.weights = weights
        self.flowControl = flowControl
    }

    private enum CodingKeys: String, CodingKey {
        case balancing, weights
        case flowControl = "flow_control"
    }
}
