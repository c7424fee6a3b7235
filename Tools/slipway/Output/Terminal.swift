import Observability
import Synchronization

/// Where a command writes: results to the output, everything else (progress, errors, notes) beside it, so that the
/// output can be piped on.
protocol Terminal: Sendable {
    func write(_ text: String)
    func note(_ text: String)
    /// Whether a person is reading the notes.
    var isInteractive: Bool { get }
    /// Whether something could not be written to the output, although there was somebody to read it.
    var hasLostOutput: Bool { get }
}

extension Terminal {
    func writeLine(_ text: String) { write(text + "\n") }
    func noteLine(_ text: String) { note(text + "\n") }
}

/// The process's own output streams.
final class StandardTerminal: Terminal {
    private let lost = Atomic<Bool>(false)

    var isInteractive: Bool { StandardStream.error.isTerminal }
    var hasLostOutput: Bool { lost.load(ordering: .relaxed) }

    func write(_ text: String) {
        let text = StandardStream.output.isTerminal ? text.printable : text
        if !StandardStream.output.write(text) { lost.store(true, ordering: .relaxed) }
    }

    func note(_ text: String) { StandardStream.error.write(StandardStream.error.isTerminal ? text.printable : text) }
}
