import Domain
import JSON
import ModelServingCore

/// Model services together with what their instances served.
struct ServiceReport: Sendable {
    let usage: any UsageStore
    let document: ServiceDocument

    /// With the revisions that it can be rolled back to.
    func detailed(_ service: ModelService) async throws(ServiceError) -> JSONValue {
        document.detailed(service, try await usage(of: [service]))
    }

    /// One bulk read for all of them.
    func usage(of services: [ModelService]) async throws(ServiceError) -> ServiceDocument.InstanceUsage {
        let ids = services.flatMap { $0.instances.map(\.id) }
        return ids.isEmpty ? [:] : try await usage.counts(of: ids)
    }
}
