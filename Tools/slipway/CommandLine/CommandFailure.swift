/// Why a command did not do what it was asked: what happened, and what the user can do.
struct CommandFailure: Error, Hashable, Sendable {
    let status: CommandStatus
    /// One sentence with a full stop. Never holds a secret.
    let message: String
    /// Further lines: the fields that are wrong, or what to try.
    let hints: [String]

    init(_ status: CommandStatus, _ message: String, hints: [String] = []) {
        self.status = status
        self.message = message
        self.hints = hints
    }
}
