/// How the ids of one shard are divided.
public enum IndexLimits {
    /// Ids of a new segment.
    public static let segmentSize = 32
    /// Ids of a segment that grows from behind, because replicas' clocks differ or an entry was mended. Then it is
    /// divided.
    public static let maximumSegment = 64
    /// Ids of a segment that has shrunk. Then it is joined with one beside it.
    public static let minimumSegment = 8
    /// Ids that are in no segment yet. Then the older ones get into one; what stays leaves room for ids that are a
    /// little late.
    public static let maximumYoungest = 48
    /// Segments made by one change. It is one in all cases but that of an index in its old form.
    public static let maximumNewSegments = 64
    /// Operations of a transaction for one change: the shard, a segment, and one that comes, goes or is beside it.
    public static let operations = 3
    /// Looks at a shard whose segments are changed again and again while they are read. After that they are taken as
    /// they are.
    static let maximumReadings = 4
    /// Segments that a process remembers, of 1.5 KB each.
    public static let rememberedSegments = 2048
}
