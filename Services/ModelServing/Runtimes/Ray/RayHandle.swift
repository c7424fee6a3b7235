import Domain
import FoundationEssentials
import ModelServingCore

/// What the ray runtime persists of an instance.
struct RayHandle: Hashable, Sendable, Codable {
    var application: String
    /// When it was begun to be brought up: its deadline counts from then.
    var startedAt: Timestamp
    /// Serve has told of it, so that it is missing if Serve does not.
    var wasSeen = false
    /// It has answered. From then on replicas that come and go are no reason to doubt the others.
    var wasReady = false
    /// Since when it does not answer any more; nil while it does.
    var unreadySince: Timestamp?

    private enum CodingKeys: String, CodingKey {
        case application
        case startedAt = "started_at"
        case wasSeen = "was_seen"
        case wasReady = "was_ready"
        case unreadySince = "unready_since"
    }

    init(application: String, startedAt: Timestamp) {
        self.application = application
        self.startedAt = startedAt
    }

    /// Nil for a handle that cannot be read: then nothing is known but the instance's id.
    init?(_ handle: RuntimeHandle?) {
        let read = handle.flatMap { try? JSONDecoder().decode(Self.self, from: Data($0.text.utf8)) }
        guard let read else { return nil }
        self = read
    }

    var persistent: RuntimeHandle {
        let encoder = JSONEncoder()
        // Always the same text for the same handle: a difference is written to the store.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return RuntimeHandle((try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}")
    }
}
