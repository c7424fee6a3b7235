/// One of the parts over which the entities of a kind are spread, so that writers of different ones seldom meet.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// Fixed for ever: it decides where everything is found.
    public static let count = 64
    public static let all = (0..<count).map(Shard.init(number:))

    /// 0 to 63.
    public let number: Int

    public init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    private init(number: Int) { self.number = number }

    /// The shard of an entity. Both halves are mixed, since ids of other origin may be random in one of them only.
    public init(of id: UUIDv7) {
        let mixed = (id.high ^ id.low) &* 0x9E37_79B9_7F4A_7C15
        number = Int(mixed >> 58)
    }

    /// Two digits, as in keys: `index:model:07`.
    public var description: String { number < 10 ? "0\(number)" : "\(number)" }
}
