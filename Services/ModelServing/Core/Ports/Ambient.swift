import Domain

/// Time and chance, which tests decide about.
public struct Ambient: Sendable {
    public let now: @Sendable () -> Timestamp
    /// 64 random bits.
    public let random: @Sendable () -> UInt64

    public init(now: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64) {
        self.now = now
        self.random = random
    }

    public func newID<Kind>() -> Identifier<Kind> {
        var generator = Generator(random: random)
        return Identifier(UUIDv7(at: now(), using: &generator))
    }

    private struct Generator: RandomNumberGenerator {
        let random: @Sendable () -> UInt64

        func next() -> UInt64 { random() }
    }
}
