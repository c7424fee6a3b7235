import Domain
import HTTP
import ModelServingCore

/// The models as far as whoever sends a request may read them, found out with the credentials of the request.
struct CallersModels: Sendable {
    /// ModelManagement, as this service itself calls it.
    let neighbour: Neighbour

    /// A request without credentials of its own, as other services send them, reads no model: with those of this
    /// service its caller would read what only this service may.
    func callAsFunction(_ request: HTTPRequest) -> any ModelCatalog {
        guard let authorization = request.fields["Authorization"] else { return NoModels() }
        var neighbour = neighbour
        neighbour.authorization = authorization
        return DaprModelCatalog(neighbour: neighbour)
    }

    private struct NoModels: ModelCatalog {
        func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
            throw Failure(.modelNotReadable, "the caller has no credentials of its own")
        }
    }
}
