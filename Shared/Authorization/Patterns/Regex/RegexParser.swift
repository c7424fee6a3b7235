/// Parses the part of Python's regular expressions that can be matched in time linear in the text: everything but back
/// references, looking ahead or behind, and flags.
struct RegexParser {
    static let maximumScalars = 1024
    static let maximumRepetitions = 1000
    static let maximumDepth = 32

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private(set) var captures = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(PatternError) -> RegexNode {
        guard scalars.count <= Self.maximumScalars else {
            throw PatternError("is longer than \(Self.maximumScalars) characters")
        }
        let node = try choice()
        if index < scalars.count { throw PatternError("has a \")\" too many") }
        return node
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func choice() throws(PatternError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw PatternError("is nested too deeply") }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(PatternError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let isRepetition = repetition() != nil
            if isRepetition { throw PatternError("has nothing to repeat before \"\(scalar)\"") }
            parts.append(try repeated(try atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated(_ atom: RegexNode) throws(PatternError) -> RegexNode {
        guard let (range, end) = repetition() else { return atom }
        if case .assertion = atom { throw PatternError("has a repetition of a place, which is nothing to repeat") }
        index = end
        let isLazy = take("?")
        if next == "+" { throw PatternError("has a possessive quantifier, which is not supported") }
        if repetition() != nil { throw PatternError("repeats a repetition") }
        guard range.least <= Self.maximumRepetitions, range.most ?? 0 <= Self.maximumRepetitions else {
            throw PatternError("repeats more than \(Self.maximumRepetitions) times")
        }
        guard range.most.map({ $0 >= range.least }) ?? true else {
            throw PatternError("repeats at least \(range.least) and at most \(range.most ?? 0) times")
        }
        return .repetition(atom, atLeast: range.least, atMost: range.most, isGreedy: !isLazy)
    }

    /// The repetition that begins here, and where it ends. A brace that is no repetition stands for itself.
    private func repetition() -> (range: (least: Int, most: Int?), end: Int)? {
        switch next {
        case "*": return ((0, nil), index + 1)
        case "+": return ((1, nil), index + 1)
        case "?": return ((0, 1), index + 1)
        case "{":
            guard let end = scalars[index...].firstIndex(of: "}") else { return nil }
            let text = String(String.UnicodeScalarView(scalars[(index + 1)..<end]))
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), text != ",", !text.isEmpty,
                parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
            else { return nil }
            let least = parts[0].isEmpty ? 0 : Int(parts[0]) ?? .max
            if parts.count == 1 { return ((least, least), end + 1) }
            return ((least, parts[1].isEmpty ? nil : Int(parts[1]) ?? .max), end + 1)
        default: return nil
        }
    }

    private mutating func atom() throws(PatternError) -> RegexNode {
        guard let scalar = next else { return .empty }
        index += 1
        switch scalar {
        case ".": return .set(.any)
        case "^": return .assertion(.start)
        case "$": return .assertion(.endOfLine)
        case "(": return try group()
        case "[": return .set(try ClassParser.parse(scalars, &index))
        case "\\":
            guard let escape = try RegexEscape.parse(scalars, &index, inClass: false) else { return .empty }
            switch escape {
            case .scalar(let scalar): return .set(.one(scalar))
            case .member(let member): return .set(ScalarSet(members: [member]))
            case .assertion(let assertion): return .assertion(assertion)
            }
        default: return .set(.one(scalar))
        }
    }

    private mutating func group() throws(PatternError) -> RegexNode {
        var capture: Int?
        if take("?") {
            if take("P") {
                guard take("<") else { throw PatternError("has a back reference, which is not supported") }
                while let scalar = next, scalar != ">" {
                    guard Token.isNamePart(scalar) else { throw PatternError("has a group with a bad name") }
                    index += 1
                }
                guard take(">") else { throw PatternError("has a group whose name does not end") }
                captures += 1
                capture = captures
            } else if !take(":") {
                throw PatternError("looks ahead or behind or sets a flag, which is not supported")
            }
        } else {
            captures += 1
            capture = captures
        }
        let inside = try choice()
        guard take(")") else { throw PatternError("has a \"(\" without its \")\"") }
        return .group(inside, capture: capture)
    }
}

/// Why a pattern cannot be used, as the end of a sentence that begins with the pattern.
struct PatternError: Error, Hashable, Sendable {
    let message: String

    init(_ message: String) { self.message = message }
}
