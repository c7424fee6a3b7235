import Domain

/// What came of an effect.
public enum Outcome: Hashable, Sendable {
    case resolved(ResolvedModel)
    case claimed
    case deployed(RuntimeHandle)
    /// Being taken down; nothing to write yet.
    case removing
    case removed
    case released
    case failed(Failure)
}
