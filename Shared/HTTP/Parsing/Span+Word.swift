extension Span<UInt8> {
    /// Eight bytes, the first in the lowest place, which the compiler makes one load of.
    @inlinable
    @inline(__always)
    public func littleEndianWord(at index: Int) -> UInt64 {
        let part = extracting(index..<index + 8)
        let low = UInt32(part[0]) | UInt32(part[1]) << 8 | UInt32(part[2]) << 16 | UInt32(part[3]) << 24
        let high = UInt32(part[4]) | UInt32(part[5]) << 8 | UInt32(part[6]) << 16 | UInt32(part[7]) << 24
        return UInt64(low) | UInt64(high) << 32
    }
}
