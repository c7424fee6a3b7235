import Synchronization

/// A SplitMix64 that all event loops draw from with one atomic addition, without a lock or a system call.
///
/// For choices and request ids; its numbers can be foretold, so never for secrets.
public final class SharedNumberGenerator: Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
    private let state: Atomic<UInt64>

    public init(seed: UInt64) { state = Atomic(seed) }

    public func next() -> UInt64 {
        var word = state.wrappingAdd(Self.step, ordering: .relaxed).newValue
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
