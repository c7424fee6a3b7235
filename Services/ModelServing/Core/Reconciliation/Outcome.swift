import Domain

/// What came of an effect.
public enum Outcome: Hashable, Sendable {
    case resolved(ResolvedModel)
    /// Capacity for so many replicas, those that had it before included.
    case claimed(replicas: Int)
    case deployed(RuntimeHandle)
    /// The runtime was told to have so many replicas inside.
    case scaled(replicas: Int)
    /// Capacity is left for so many replicas.
    case surplusReleased(replicas: Int)
    /// Being taken down; nothing to write yet.
    case removing
    case removed
    case released
    case failed(Failure)
}
