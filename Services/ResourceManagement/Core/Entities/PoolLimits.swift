/// How large a pool may grow.
public enum PoolLimits {
    /// In the unit of the pool's type. Far above any machine, and far below where sums could overflow.
    public static let maximumCapacity: Int64 = 1_000_000_000_000
    /// Pieces held of one pool at the same time: the pool's record lists them.
    public static let maximumAllocations = 4096
    public static let maximumLocationBytes = 128
    public static let maximumResourceGroupBytes = 63
    /// Pools, or holders of a pool, that an error message names.
    public static let maximumNamed = 5
}
