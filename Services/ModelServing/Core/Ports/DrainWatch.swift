import Domain

/// Knows which instances gateways still have requests at.
public protocol DrainWatch: Sendable {
    /// Those of `instances`, which are in the routes no more, that a gateway may still be sending requests to or waits
    /// for an answer of. Nil if no gateway tells.
    func busy(
        among instances: Set<ModelServiceInstanceID>, of service: ModelServiceID
    ) async throws(ServiceError) -> Set<ModelServiceInstanceID>?
}
