/// Where a model is on this machine.
public struct CachedModel: Hashable, Sendable {
    /// What the model file URL names, as it was registered.
    public let file: String
    /// What is in it, if it is an archive: a folder, or the only folder in it.
    public let folder: String?

    /// What an engine loads.
    public var path: String { folder ?? file }
}
