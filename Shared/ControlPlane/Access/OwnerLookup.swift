import Domain

/// Finds out who owns a thing of a collection, for decisions that depend on it.
public protocol OwnerLookup: Sendable {
    /// - Parameter id: as the path has it; another name of the thing may stand there.
    /// - Returns: nil if there is no such thing.
    /// - Throws: what the handlers throw for an id that can be none.
    func find(_ id: String) async throws(ServiceError) -> OwnedThing?

    /// What the handlers throw for a thing that is not there: who may not know of it is told the same.
    func absence(of id: String) -> ServiceError
}

public struct OwnedThing: Hashable, Sendable {
    /// The one id under which rules know it.
    public let id: String
    public let ownerID: String

    public init(id: String, ownerID: String) {
        self.id = id
        self.ownerID = ownerID
    }
}
