import Domain

/// Is told what happened to services, after it was written. For logs and metrics; must not fail.
public protocol TransitionJournal: Sendable {
    func record(_ events: [ServiceEvent], of service: ModelServiceID, name: ServiceName)
}
