/// What a control-plane request may hold at most.
public enum RequestLimits {
    /// Bytes of a body.
    public static let maximumBodyBytes = 1 << 20
    /// Characters of an Idempotency-Key.
    public static let maximumIdempotencyKeyLength = 255
    /// Characters of a page token.
    public static let maximumPageTokenLength = 512
    /// Entity tags in one If-Match.
    public static let maximumEntityTags = 16
}
