import Synchronization

@testable import slipway

/// Keeps what was written.
final class RecordingTerminal: Terminal {
    private let texts = Mutex((output: "", notes: ""))

    var isInteractive: Bool { false }
    var hasLostOutput: Bool { false }
    var output: String { texts.withLock { $0.output } }
    var notes: String { texts.withLock { $0.notes } }

    func write(_ text: String) { texts.withLock { $0.output += text } }
    func note(_ text: String) { texts.withLock { $0.notes += text } }
}
