import Domain
import ModelServingCore

/// The name of an instance's application on a Ray cluster, which is its route as well.
///
/// It ends with the instance's id, so that the application is found again by that alone. Whose it is, a name cannot say
/// for sure, since that of an installation may begin like another's: the configuration has a mark for it.
struct ApplicationName: Hashable, Sendable, CustomStringConvertible {
    private static let prefix = "slipway-"
    /// Characters of an id.
    private static let idLength = 36

    let description: String

    init(of deployment: Deployment, installation: String) {
        description = "\(Self.prefix)\(installation)-\(deployment.serviceName)-\(deployment.instanceID)"
    }

    var routePrefix: String { "/\(description)" }

    /// The instance that an application of this name is of, if it is one of ours at all.
    static func instance(of name: String) -> ModelServiceInstanceID? {
        guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count + idLength else { return nil }
        return ModelServiceInstanceID(name.suffix(idLength))
    }
}
