import Testing

@testable import slipway

@Suite struct CommandLineParserTests {
    let parser = CommandLineParser(
        root: Slipway.root, commonFlags: Invocation.flags + Settings.flags, version: "1.2.3")

    @Test(arguments: [
        (["services", "create", "a", "--model", "m", "--replicas=2", "--wait"], ["a"]),
        (["services", "--output", "json", "create", "--wait", "a", "--model=m", "--replicas", "2"], ["a"]),
        (["services", "create", "--model", "m", "--replicas", "2", "--wait", "--", "-a"], ["-a"]),
    ])
    func takesFlagsAnywhereBehindTheirCommand(words: [String], names: [String]) throws {
        guard case .run(_, let parsed) = try parser.parse(words) else {
            Issue.record("not a command")
            return
        }
        #expect(parsed.argument("NAME") == names[0])
        #expect(parsed.string("model") == "m")
        #expect(try parsed.integer("replicas", in: 1...9) == 2)
        #expect(parsed.isOn("wait"))
        #expect(!parsed.isOn("stream"))
    }

    @Test(arguments: [
        (["modles"], "Did you mean models?"),
        (["services", "crate"], "Did you mean create?"),
        (["services", "list", "--ouptut", "json"], "Did you mean --output?"),
        (["services", "xyzzy"], "slipway services --help says more."),
    ])
    func suggestsTheNearestWord(words: [String], hint: String) {
        let failure = #expect(throws: CommandFailure.self) { try parser.parse(words) }
        #expect(failure?.status == .usage)
        #expect(failure?.hints.first == hint)
    }

    @Test(arguments: [
        (["services", "create"], "NAME is missing"),
        (["services", "get", "a", "b"], "\"b\" is one word too many"),
        (["services", "create", "a", "--model"], "--model needs a value"),
        (["services", "create", "a", "--wait=yes"], "--wait takes no value"),
    ])
    func saysWhatIsWrongWithTheWords(words: [String], message: String) {
        let failure = #expect(throws: CommandFailure.self) { try parser.parse(words) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.hasPrefix(message) == true)
    }

    @Test func refusesValuesOutOfRange() throws {
        var parsed = ParsedArguments()
        parsed.set(flag: "replicas", to: "0")
        parsed.set(flag: "output", to: "xml")
        let range = #expect(throws: CommandFailure.self) { try parsed.integer("replicas", in: 1...9) }
        #expect(range?.message == "--replicas is \"0\"; it must be from 1 to 9.")
        let choice = #expect(throws: CommandFailure.self) {
            try parsed.choice("output", Invocation.OutputFormat.self)
        }
        #expect(choice?.message == "--output is \"xml\"; it must be one of table, json.")
    }

    @Test func tellsItsVersion() throws {
        guard case .show(let text) = try parser.parse(["--version"]) else {
            Issue.record("ran something")
            return
        }
        #expect(text == "slipway 1.2.3\n")
    }

    @Test func helpsAtEveryLevel() throws {
        for path in everyPath(Slipway.root) {
            guard case .show(let text) = try parser.parse(path.dropFirst().map(\.name) + ["--help"]) else {
                Issue.record("ran \(path.map(\.name))")
                continue
            }
            let command = path[path.count - 1]
            #expect(text.hasPrefix(command.summary + "."))
            #expect(text.contains("usage: " + path.map(\.name).joined(separator: " ")))
            for flag in command.flags { #expect(text.contains("--\(flag.name)")) }
            for subcommand in command.subcommands { #expect(text.contains("  \(subcommand.name) ")) }
            #expect(text.contains("examples:"))
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test func everyExampleIsACommandLineThatWorks() throws {
        for path in everyPath(Slipway.root) {
            let command = path[path.count - 1]
            #expect(!command.examples.isEmpty)
            for example in command.examples {
                let words = shellWords(example)
                #expect(words.starts(with: path.map(\.name)), "\(example)")
                guard case .run = try parser.parse(Array(words.dropFirst())) else {
                    Issue.record("\(example) runs nothing")
                    continue
                }
            }
        }
    }

    @Test func helpOfTheProgramListsTheExitStatuses() throws {
        guard case .show(let text) = try parser.parse([]) else { return }
        for status in CommandStatus.allCases {
            #expect(text.contains("  \(status.rawValue)  \(status.meaning)"))
        }
    }

    private func everyPath(_ command: Command) -> [[Command]] {
        [[command]] + command.subcommands.flatMap { everyPath($0).map { [command] + $0 } }
    }

    /// Splits at spaces outside of double quotes.
    private func shellWords(_ line: String) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }
}
