import Synchronization

/// What a handler wants the audit to know of the change that it made, where the path does not tell: the rule that was
/// added, the owner that it got. Never a secret, nor what a user keeps in a thing.
public final class ChangeNotes: Sendable {
    /// What is noted beyond is left out.
    public static let maximumCount = 8

    private let notes = Mutex<[String]>([])

    public init() {}

    public func add(_ note: String) {
        notes.withLock { notes in
            if notes.count < Self.maximumCount { notes.append(note) }
        }
    }

    /// Nil if there are none.
    public var text: String? {
        notes.withLock { $0.isEmpty ? nil : $0.joined(separator: "; ") }
    }
}
