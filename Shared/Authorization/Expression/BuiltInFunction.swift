/// The functions that every matcher may call.
enum BuiltInFunction: String, CaseIterable, Hashable, Sendable {
    case keyMatch, keyMatch2, keyMatch3, keyMatch4, keyMatch5
    case keyGet, keyGet2, keyGet3
    case regexMatch, ipMatch, globMatch

    var argumentCount: Int {
        switch self {
        case .keyGet2, .keyGet3: 3
        case .keyMatch, .keyMatch2, .keyMatch3, .keyMatch4, .keyMatch5, .keyGet, .regexMatch, .ipMatch, .globMatch: 2
        }
    }

    /// - Parameter arguments: as many as `argumentCount`.
    func call(_ arguments: [String], _ patterns: PatternCache) throws(EvaluationError) -> Value {
        let (text, pattern) = (arguments[0], arguments[1])
        switch self {
        case .keyMatch: return .bool(Self.keyMatch(text, pattern))
        case .keyMatch2: return try matches(text, PathPattern.withColons(pattern), patterns)
        case .keyMatch3: return try matches(text, PathPattern.withBraces(pattern, isGreedy: false), patterns)
        case .keyMatch4: return .bool(try repeatedNames(text, pattern, patterns))
        case .keyMatch5:
            let path = String(text.prefix { $0 != "?" })
            return try matches(path, PathPattern.withBraces(pattern, isGreedy: true), patterns)
        case .keyGet: return .string(Self.keyGet(text, pattern))
        case .keyGet2: return try named(arguments[2], text, PathPattern.groupsWithColons(pattern), patterns)
        case .keyGet3:
            return try named(arguments[2], text, PathPattern.groupsWithBraces(pattern, isGreedy: false), patterns)
        case .regexMatch: return try matches(text, pattern, patterns)
        case .ipMatch: return .bool(try ipMatch(text, pattern))
        case .globMatch: return .bool(GlobPattern.matches(text, pattern))
        }
    }

    private func matches(
        _ text: String, _ pattern: String, _ patterns: PatternCache
    ) throws(EvaluationError) -> Value {
        .bool(RegexMachine.matches(try program(pattern, patterns), text))
    }

    private func program(_ pattern: String, _ patterns: PatternCache) throws(EvaluationError) -> RegexProgram {
        do throws(PatternError) {
            return try patterns.program(pattern)
        } catch {
            throw EvaluationError("the pattern \"\(pattern)\" of \(rawValue) \(error.message)")
        }
    }

    /// `*` stands for anything, at the end.
    private static func keyMatch(_ text: String, _ pattern: String) -> Bool {
        guard let prefix = beforeStar(pattern) else { return text.hasSameBytes(as: pattern) }
        return text.startsWithBytes(of: prefix)
    }

    private static func keyGet(_ text: String, _ pattern: String) -> String {
        guard let prefix = beforeStar(pattern), text.startsWithBytes(of: prefix) else { return "" }
        return String(text.unicodeScalars.dropFirst(prefix.unicodeScalars.count))
    }

    private static func beforeStar(_ pattern: String) -> String? {
        pattern.unicodeScalars.firstIndex(of: "*").map { String(pattern.unicodeScalars[..<$0]) }
    }

    /// Names that stand more than once must stand for the same.
    private func repeatedNames(
        _ text: String, _ pattern: String, _ patterns: PatternCache
    ) throws(EvaluationError) -> Bool {
        let (regex, names) = PathPattern.groupsWithBraces(pattern, isGreedy: true)
        let program = try program(regex, patterns)
        guard program.captures == names.count else {
            throw EvaluationError("the pattern \"\(pattern)\" of \(rawValue) has groups of its own")
        }
        guard let groups = RegexMachine.groups(program, text) else { return false }
        var values: [ExactText: String] = [:]
        for (name, group) in zip(names.map(ExactText.init), groups) {
            if let known = values[name], !known.hasSameBytes(as: group ?? "") { return false }
            values[name] = group ?? ""
        }
        return true
    }

    private func named(
        _ name: String, _ text: String, _ pattern: (text: String, names: [String]), _ patterns: PatternCache
    ) throws(EvaluationError) -> Value {
        guard let groups = RegexMachine.groups(try program(pattern.text, patterns), text),
            let index = pattern.names.firstIndex(where: { $0.hasSameBytes(as: name) }), index < groups.count
        else { return .string("") }
        return .string(groups[index] ?? "")
    }

    private func ipMatch(_ text: String, _ pattern: String) throws(EvaluationError) -> Bool {
        guard let address = IPAddress(text) else { throw EvaluationError("\"\(text)\" is no IP address") }
        return IPNetwork(pattern)?.contains(address) ?? false
    }
}
