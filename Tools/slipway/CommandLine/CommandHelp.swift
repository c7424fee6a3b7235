/// What `--help` prints at one level.
struct CommandHelp {
    /// From the program's name down to the command that is asked about.
    let path: [Command]
    let commonFlags: [Command.Flag]

    var text: String {
        let command = path[path.count - 1]
        var sections = ["\(command.summary).", "usage: \(usage(command))"]
        sections.append(rows("commands", command.subcommands.map { ($0.name, $0.summary) }))
        sections.append(rows("arguments", command.arguments.map { ($0.name, $0.help) }))
        sections.append(rows("flags", command.flags.map(row)))
        sections.append(rows("everywhere", commonFlags.map(row) + [("--help", "say what a command does")]))
        if path.count == 1 {
            sections.append(rows("exit status", CommandStatus.allCases.map { (String($0.rawValue), $0.meaning) }))
        }
        sections.append(rows("examples", command.examples.map { ($0, "") }))
        return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private func usage(_ command: Command) -> String {
        var words = path.map(\.name)
        if !command.subcommands.isEmpty { words.append("COMMAND") }
        words += command.arguments.map { argument in
            let name = argument.name + (argument.isRepeated ? "…" : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        if !command.flags.isEmpty { words.append("[flags]") }
        return words.joined(separator: " ")
    }

    private func row(_ flag: Command.Flag) -> (String, String) {
        ("--\(flag.name)" + (flag.value.map { " \($0)" } ?? ""), flag.help)
    }

    private func rows(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let width = rows.map(\.0.count).max() ?? 0
        let lines = rows.map { name, help in
            help.isEmpty ? "  \(name)" : "  \(name)\(String(repeating: " ", count: width - name.count))  \(help)"
        }
        return "\(title):\n" + lines.joined(separator: "\n")
    }
}
