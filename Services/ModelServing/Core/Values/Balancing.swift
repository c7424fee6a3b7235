/// How the requests of a service are spread over its instances.
public enum Balancing: String, Hashable, Sendable, Codable, CaseIterable {
    /// To the less busy of two instances taken at random.
    case leastOutstanding = "least_outstanding"
    /// Prompts that begin alike go to the same instance, as long as it is not much busier than the others.
    case prefixAffinity = "prefix_affinity"
}
