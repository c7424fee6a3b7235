/// How large a received body and its framing may be.
public struct HTTPBodyLimits: Hashable, Sendable {
    /// The content, without its framing.
    public var contentBytes: Int
    /// One chunk's extension, which is skipped.
    public var chunkExtensionBytes: Int
    /// How much framing may exceed what chunks of a sensible size need, over the whole body: without this bound a
    /// sender of one-byte chunks with extensions makes us work for nothing.
    public var chunkOverheadBytes: Int
    /// All trailer fields together; they are checked and dropped, never merged into the header fields.
    public var trailerBytes: Int
    public var trailerCount: Int

    public init(
        contentBytes: Int = 4 << 30, chunkExtensionBytes: Int = 256, chunkOverheadBytes: Int = 64 * 1024,
        trailerBytes: Int = 8 * 1024, trailerCount: Int = 32
    ) {
        self.contentBytes = contentBytes
        self.chunkExtensionBytes = chunkExtensionBytes
        self.chunkOverheadBytes = chunkOverheadBytes
        self.trailerBytes = trailerBytes
        self.trailerCount = trailerCount
    }
}
