import Domain
import FoundationEssentials
import ModelServingCore

/// What a cluster runtime persists of an instance.
public struct ClusterHandle: Hashable, Sendable, Codable {
    /// Of its objects.
    public var name: String
    /// When it was begun to be brought up: its deadline counts from then.
    public var startedAt: Timestamp
    /// It has answered: from then on it is late no longer, and fewer replicas than wanted are no reason to doubt it.
    public var wasReady = false
    /// Since when it does not answer any more; nil while it does.
    public var unreadySince: Timestamp?

    private enum CodingKeys: String, CodingKey {
        case name
        case startedAt = "started_at"
        case wasReady = "was_ready"
        case unreadySince = "unready_since"
    }

    public init(name: String, startedAt: Timestamp) {
        self.name = name
        self.startedAt = startedAt
    }

    /// Nil for one that cannot be read: then nothing is known but the instance's id.
    public init?(_ handle: RuntimeHandle?) {
        let read = handle.flatMap { try? JSONDecoder().decode(Self.self, from: Data($0.text.utf8)) }
        guard let read else { return nil }
        self = read
    }

    /// Always the same text for the same handle: a difference is written to the store.
    public var persistent: RuntimeHandle {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return RuntimeHandle((try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}")
    }

    /// What it may take at most for a cluster that was away to catch up.
    static let catchUpTime: Duration = .seconds(120)

    /// Whether it has had `limit` since a moment, and the cluster the time to catch up: while nobody heard of the
    /// cluster nobody saw what became of the instance, and that is not held against it.
    /// - Parameter heardSince: since when the cluster has been heard without a break.
    public static func isOver(
        _ limit: Duration, since moment: Timestamp, heardSince: Timestamp?, at now: Timestamp
    ) -> Bool {
        guard now - moment > limit else { return false }
        return heardSince.map { now - $0 > min(limit, catchUpTime) } ?? true
    }
}

extension RuntimeOptions {
    /// How long an instance may take until it is ready.
    public var startLimit: Duration { .seconds(startSeconds ?? Self.defaultStartSeconds) }
}
