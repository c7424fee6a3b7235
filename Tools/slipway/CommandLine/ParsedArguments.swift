/// The values of one command line, by the names that its command declares.
struct ParsedArguments: Hashable, Sendable {
    private(set) var flags: [String: String] = [:]
    private(set) var switches: Set<String> = []
    private(set) var arguments: [String: String] = [:]
    private(set) var repeated: [String: [String]] = [:]

    init() {}

    mutating func set(flag: String, to value: String) { flags[flag] = value }
    mutating func turnOn(_ flag: String) { switches.insert(flag) }
    mutating func set(argument: String, to value: String) { arguments[argument] = value }

    mutating func set(argument: String, toAll values: [String]) { repeated[argument] = values }

    func isOn(_ flag: String) -> Bool { switches.contains(flag) }

    func string(_ flag: String) -> String? { flags[flag] }

    /// A required argument: the parser has seen to it that it is there.
    func argument(_ name: String) -> String { arguments[name] ?? "" }

    /// All values of an argument that may be repeated; empty if there is none.
    func arguments(_ name: String) -> [String] { repeated[name] ?? [] }

    func integer(_ flag: String, in range: ClosedRange<Int64>) throws(CommandFailure) -> Int64? {
        guard let text = flags[flag] else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw CommandFailure(
                .usage, "--\(flag) is \"\(text)\"; it must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    func choice<Choice>(_ flag: String, _ type: Choice.Type = Choice.self) throws(CommandFailure) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = flags[flag] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "--\(flag) is \"\(text)\"; it must be one of \(choices).")
        }
        return choice
    }
}
