/// A ModelServing process, one of those that share the work.
public struct Replica: Hashable, Sendable {
    public let id: ReplicaID
    /// Another one after each start, so that what an earlier process wrote is not taken for its own.
    public let incarnation: String

    public init(id: ReplicaID, incarnation: String) {
        self.id = id
        self.incarnation = incarnation
    }
}

/// The name of a replica, which it keeps when it is started again.
public struct ReplicaID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Bytes at most, as for the name of a machine.
    public static let maximumLength = 253

    public let description: String

    /// Nil unless it is 1 to 253 visible ASCII characters.
    public init?(_ text: String) {
        guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        description = text
    }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
