/// What a caller says about the state it has seen of the thing it changes.
///
/// Everything that is changed in place carries a `generation`, 1 at its creation and one more with each change.
public enum Precondition: Hashable, Sendable {
    /// Nothing: the change is made whatever is there.
    case none
    /// The thing exists, at one of these generations.
    case generations(Set<Int>)

    /// - Throws: `.preconditionFailed` if the caller has seen another generation.
    public func check(_ generation: Int) throws(ServiceError) {
        switch self {
        case .none: return
        case .generations(let seen):
            guard !seen.contains(generation) else { return }
            throw .preconditionFailed(
                "It has been changed since you read it: it is at \"\(generation)\" now. Read it again and repeat.")
        }
    }
}
