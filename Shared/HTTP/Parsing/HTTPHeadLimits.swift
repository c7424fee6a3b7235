/// How large a head and the framing of a body may be.
public struct HTTPHeadLimits: Hashable, Sendable {
    /// Request or status line and all fields, with line ends.
    public var headBytes: Int
    public var fieldCount: Int
    public var targetBytes: Int
    /// Names in `Connection` other than `close` and `keep-alive`.
    public var nominatedFieldCount: Int

    public init(
        headBytes: Int = 16 * 1024, fieldCount: Int = 100, targetBytes: Int = 8 * 1024, nominatedFieldCount: Int = 16
    ) {
        self.headBytes = headBytes
        self.fieldCount = fieldCount
        self.targetBytes = targetBytes
        self.nominatedFieldCount = nominatedFieldCount
    }

    /// The longest method name that is not refused at once.
    static let methodBytes = 32
    /// Enough for any size that fits an `Int`.
    static let contentLengthDigits = 18
}
