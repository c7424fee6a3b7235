import Domain
import ModelServingCore

/// The name of an instance's objects: people recognise the service by it, and nobody else has the rest.
public struct ObjectName: Hashable, Sendable, CustomStringConvertible {
    /// Characters of the service's name that are kept.
    static let maximumServiceLength = 30
    /// Of the instance's id. Its end is random; its beginning is the time, which two instances may share.
    static let identifierLength = 10
    /// What is put before a name that begins with a digit: a Service's name must not.
    static let letter = "s"

    public let description: String

    public init(_ deployment: Deployment) {
        var service = deployment.serviceName.description
        if service.utf8.first.map({ $0 < UInt8(ascii: "a") }) == true { service = Self.letter + service }
        service = String(service.prefix(Self.maximumServiceLength))
        while service.hasSuffix("-") { service.removeLast() }
        let identifier = deployment.instanceID.description.filter { $0 != "-" }.suffix(Self.identifierLength)
        description = "\(service)-\(identifier.lowercased())"
    }
}
