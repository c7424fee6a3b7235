/// A state store as one app sees it.
struct StateStoreComponent: Sendable {
    let name: String
    let prefix: KeyPrefix
    /// Nil if it could not be started and its component says to go on without it.
    let backend: (any StateBackend)?
}
