import ModelServingCore

/// What the core of ModelServing is connected to.
struct ServingPorts: Sendable {
    var repository: any ModelServiceRepository
    var catalog: any ModelCatalog
    var claims: any ResourceClaims
    var runtimes: [any Runtime]
}
