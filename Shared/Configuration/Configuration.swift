import FoundationEssentials

/// The settings of a process: flags win over the environment, which wins over the default.
///
/// Every setting is declared once, with its help; an unknown flag is refused, so that a typing error shows.
public struct Configuration: Sendable {
    /// One setting. `SLIPWAY_LOG_LEVEL` has the flag `--log-level`, `DAPR_HTTP_PORT` has `--dapr-http-port`.
    public struct Setting: Sendable {
        public let name: String
        public let fallback: String?
        public let help: String
        /// Never taken from the command line, which anyone on the machine can read, and never printed.
        public let isSecret: Bool

        public init(_ name: String, default fallback: String? = nil, isSecret: Bool = false, _ help: String) {
            self.name = name
            self.fallback = fallback
            self.help = help
            self.isSecret = isSecret
        }

        var flag: String {
            let short = name.hasPrefix("SLIPWAY_") ? String(name.dropFirst("SLIPWAY_".count)) : name
            return "--" + String(short.lowercased().map { $0 == "_" ? "-" : $0 })
        }
    }

    /// What ends the start of a process, as a sentence for its user.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// `--help` was given; the text is the answer.
        case help(String)
        case invalid(String)

        public var description: String {
            switch self {
            case .help(let text), .invalid(let text): text
            }
        }
    }

    private let values: [String: String]

    public init(
        process: String, settings: [Setting], environment: [String: String], arguments: [String]
    ) throws(Failure) {
        var values: [String: String] = [:]
        for setting in settings {
            values[setting.name] = environment[setting.name] ?? setting.fallback
        }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" {
                throw .help(Self.help(process: process, settings: settings))
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let setting = settings.first(where: { $0.flag == parts[0] && !$0.isSecret }) else {
                throw .invalid("unknown argument \(parts[0]); \(process) --help lists the flags")
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw .invalid("\(setting.flag) needs a value")
            }
            values[setting.name] = value
        }
        self.values = values
    }

    /// Nil if neither flag, environment nor default gives a value, or the value is empty.
    public func optional(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    public func string(_ name: String) throws(Failure) -> String {
        guard let value = optional(name) else { throw .invalid("\(name) is not set") }
        return value
    }

    /// A file that is there and may be read; nil if none is named.
    public func optionalFile(_ name: String) throws(Failure) -> String? {
        guard let path = optional(name) else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw .invalid("\(name) is \"\(path)\", which is not there or may not be read")
        }
        return path
    }

    public func integer(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        let text = try string(name)
        guard let value = Int(text), range.contains(value) else {
            throw .invalid("\(name) is \"\(text)\"; it must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A port to listen on; 0 means any that is free.
    public func port(_ name: String) throws(Failure) -> UInt16 {
        UInt16(try integer(name, in: 0...65_535))
    }

    public func choice<Choice>(_ name: String, _ type: Choice.Type = Choice.self) throws(Failure) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let text = try string(name)
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("\(name) is \"\(text)\"; it must be one of \(choices)")
        }
        return choice
    }

    private static func help(process: String, settings: [Setting]) -> String {
        let rows = settings.map { setting in
            (setting.isSecret ? setting.name : "\(setting.flag) VALUE", setting)
        }
        let width = rows.map(\.0.count).max() ?? 0
        let lines = rows.map { left, setting in
            let padding = String(repeating: " ", count: width - left.count)
            let fallback = setting.fallback.map { " (default: \($0))" } ?? ""
            return "  \(left)\(padding)  \(setting.help)\(fallback)\(setting.isSecret ? "" : " [\(setting.name)]")"
        }
        return "usage: \(process) [flags]\n\n" + lines.joined(separator: "\n") + "\n"
    }
}
