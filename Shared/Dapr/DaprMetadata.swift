/// What a sidecar tells about itself.
public struct DaprMetadata: Hashable, Sendable {
    public struct Component: Hashable, Sendable {
        public let name: String
        /// For example `state.postgresql`.
        public let type: String
        public let version: String
        /// For example `ETAG`, `TRANSACTIONAL`, `TTL`.
        public let capabilities: [String]
    }

    public let appID: String
    public let runtimeVersion: String
    public let components: [Component]
    /// What `setMetadata` stored, and some facts of the sidecar's own.
    public let extended: [String: String]
}
