import Domain
import TestSupport
import Testing

struct ShardTests {
    @Test func staysWhereItIs() {
        // Entities are stored under these: a change here is a migration.
        #expect(Shard(of: UUIDv7(high: 0x0192_0000_0001_7000, low: 0x8000_0000_0000_0001)).number == 45)
        #expect(Shard(of: UUIDv7(high: 0x0192_ABCD_0123_7456, low: 0x89AB_CDEF_0123_4567)).number == 17)
    }

    @Test func spreadsIDsEvenly() {
        var generator = SeededGenerator(seed: 7)
        var counts = [Int](repeating: 0, count: Shard.count)
        for millisecond in 0..<64_000 {
            let time = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000 + Int64(millisecond))
            counts[Shard(of: UUIDv7(at: time, using: &generator)).number] += 1
        }
        #expect(counts.allSatisfy { (800...1200).contains($0) }, "\(counts)")
    }
}
