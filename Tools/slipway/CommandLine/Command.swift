/// A word of the command line: either a group of further words, or something to do.
struct Command: Sendable {
    enum Body: Sendable {
        case group([Command])
        case action(@Sendable (Invocation) async throws(CommandFailure) -> Void)
    }

    /// A value that is given by its place.
    struct Argument: Sendable {
        /// `NAME`, as help shows it.
        let name: String
        let help: String
        let isOptional: Bool
        /// Whether there may be several; only of the last argument.
        let isRepeated: Bool

        init(_ name: String, optional isOptional: Bool = false, repeated isRepeated: Bool = false, _ help: String) {
            self.name = name
            self.help = help
            self.isOptional = isOptional
            self.isRepeated = isRepeated
        }
    }

    /// A value or a switch that is given by its name.
    struct Flag: Sendable {
        /// `output`, without the dashes.
        let name: String
        /// `N`, as help shows the value; nil for a switch.
        let value: String?
        let help: String

        init(_ name: String, value: String? = nil, _ help: String) {
            self.name = name
            self.value = value
            self.help = help
        }
    }

    let name: String
    /// One line, without a full stop.
    let summary: String
    let arguments: [Argument]
    let flags: [Flag]
    /// Whole commands that work as they stand.
    let examples: [String]
    let body: Body

    init(_ name: String, _ summary: String, examples: [String] = [], group: [Command]) {
        self.name = name
        self.summary = summary
        self.examples = examples
        arguments = []
        flags = []
        body = .group(group)
    }

    init(
        _ name: String, _ summary: String, arguments: [Argument] = [], flags: [Flag] = [], examples: [String],
        action: @escaping @Sendable (Invocation) async throws(CommandFailure) -> Void
    ) {
        self.name = name
        self.summary = summary
        self.arguments = arguments
        self.flags = flags
        self.examples = examples
        body = .action(action)
    }

    var subcommands: [Command] {
        switch body {
        case .group(let commands): commands
        case .action: []
        }
    }
}
