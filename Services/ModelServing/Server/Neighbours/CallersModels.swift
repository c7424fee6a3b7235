import Domain
import HTTP
import ModelServingCore

/// The models as far as whoever sends a request may read them, found out with the credentials of the request.
struct CallersModels: Sendable {
    /// ModelManagement, as this service itself calls it.
    let neighbour: Neighbour

    /// - Throws: `.permissionDenied` for a request without credentials of its own, as other services send them: with
    ///   those of this service instead, its caller would read what only this service may.
    func callAsFunction(_ request: HTTPRequest) throws(ServiceError) -> any ModelCatalog {
        guard let authorization = request.fields["Authorization"] else {
            throw .permissionDenied("Only who has credentials of their own can name a model to be served.")
        }
        var neighbour = neighbour
        neighbour.authorization = authorization
        return DaprModelCatalog(neighbour: neighbour)
    }
}
