/// Finds the command that a command line names, and its values.
struct CommandLineParser: Sendable {
    enum Outcome: Sendable {
        case run(@Sendable (Invocation) async throws(CommandFailure) -> Void, ParsedArguments)
        /// What the user asked to read.
        case show(String)
    }

    let root: Command
    /// Understood everywhere.
    let commonFlags: [Command.Flag]
    let version: String

    /// - Parameter words: without the program's name.
    /// - Throws: `.usage`, with the nearest known word if there is one.
    func parse(_ words: [String]) throws(CommandFailure) -> Outcome {
        var path = [root]
        var parsed = ParsedArguments()
        var values: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            let command = path[path.count - 1]
            if word == "--" {
                values += rest
                break
            }
            if word == "--help" || word == "-h" { return .show(help(path)) }
            if word == "--version", path.count == 1 { return .show("\(root.name) \(version)\n") }
            if word.hasPrefix("-"), word.count > 1 {
                try take(flag: word, of: command, path, rest: &rest, into: &parsed)
            } else if case .group(let commands) = command.body {
                guard let next = commands.first(where: { $0.name == word }) else {
                    throw unknown(word, among: commands.map(\.name), path)
                }
                path.append(next)
            } else {
                values.append(word)
            }
        }
        let command = path[path.count - 1]
        guard case .action(let action) = command.body else {
            // A group alone is a question.
            return .show(help(path))
        }
        try assign(values, to: command.arguments, path, into: &parsed)
        return .run(action, parsed)
    }

    private func take(
        flag word: String, of command: Command, _ path: [Command], rest: inout ArraySlice<String>,
        into parsed: inout ParsedArguments
    ) throws(CommandFailure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let known = command.flags + commonFlags
        guard let flag = known.first(where: { "--\($0.name)" == parts[0] }) else {
            throw unknown(parts[0], among: known.map { "--\($0.name)" }, path)
        }
        if flag.value == nil {
            guard parts.count == 1 else {
                throw CommandFailure(.usage, "--\(flag.name) takes no value.", hints: [seeHelp(path)])
            }
            parsed.turnOn(flag.name)
        } else if let value = parts.count == 2 ? parts[1] : rest.popFirst() {
            parsed.set(flag: flag.name, to: value)
        } else {
            throw CommandFailure(.usage, "--\(flag.name) needs a value.", hints: [seeHelp(path)])
        }
    }

    private func assign(
        _ values: [String], to arguments: [Command.Argument], _ path: [Command], into parsed: inout ParsedArguments
    ) throws(CommandFailure) {
        for (index, argument) in arguments.enumerated() {
            if index < values.count {
                parsed.set(argument: argument.name, to: values[index])
                if argument.isRepeated {
                    parsed.set(argument: argument.name, toAll: Array(values[index...]))
                    return
                }
            } else if !argument.isOptional {
                throw CommandFailure(
                    .usage, "\(argument.name) is missing: \(argument.help).", hints: [seeHelp(path)])
            }
        }
        guard values.count <= arguments.count else {
            throw CommandFailure(
                .usage, "\"\(values[arguments.count])\" is one word too many.",
                hints: ["Put text with spaces into quotes.", seeHelp(path)])
        }
    }

    private func unknown(_ word: String, among known: [String], _ path: [Command]) -> CommandFailure {
        let kind = word.hasPrefix("-") ? "flag" : "command"
        let guess = nearestWord(to: word, among: known).map { "Did you mean \($0)?" }
        return CommandFailure(
            .usage, "\"\(path.map(\.name).joined(separator: " "))\" has no \(kind) \(word).",
            hints: [guess, seeHelp(path)].compactMap(\.self))
    }

    private func seeHelp(_ path: [Command]) -> String {
        "\(path.map(\.name).joined(separator: " ")) --help says more."
    }

    private func help(_ path: [Command]) -> String {
        CommandHelp(path: path, commonFlags: commonFlags).text
    }
}
