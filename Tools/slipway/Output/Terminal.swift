import Observability

/// Where a command writes: results to the output, everything else (progress, errors, notes) beside it, so that the
/// output can be piped on.
protocol Terminal: Sendable {
    func write(_ text: String)
    func note(_ text: String)
    /// Whether a person is reading the notes.
    var isInteractive: Bool { get }
}

extension Terminal {
    func writeLine(_ text: String) { write(text + "\n") }
    func noteLine(_ text: String) { note(text + "\n") }
}

/// The process's own output streams.
struct StandardTerminal: Terminal {
    var isInteractive: Bool { StandardStream.error.isTerminal }

    func write(_ text: String) { StandardStream.output.write(text) }
    func note(_ text: String) { StandardStream.error.write(text) }
}
