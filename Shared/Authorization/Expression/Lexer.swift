/// Cuts the text of an expression into tokens.
///
/// `&&`, `||` and `!` are other spellings of `and`, `or` and `not`.
struct Lexer {
    struct Placed: Sendable {
        let token: Token
        /// From 1.
        let column: Int
    }

    private static let twoCharacters: [String: Token.Symbol] = [
        "&&": .and, "||": .or, "==": .equal, "!=": .unequal, "<=": .lessOrEqual, ">=": .greaterOrEqual,
    ]
    private static let oneCharacter: [Unicode.Scalar: Token.Symbol] = [
        "!": .not, "<": .less, ">": .greater, "+": .plus, "-": .minus, "*": .times, "/": .over, "%": .remainder,
        "(": .open, ")": .close, "[": .openList, "]": .closeList, ",": .comma, ".": .dot,
    ]

    private let scalars: [Unicode.Scalar]
    private var index = 0

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    static func tokens(_ text: String) throws(SourceError) -> [Placed] {
        var lexer = Lexer(text)
        var tokens: [Placed] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func next() throws(SourceError) -> Placed? {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        guard index < scalars.count else { return nil }
        let start = index
        let scalar = scalars[index]
        if Token.isNameStart(scalar) { return placed(name(), start) }
        if isDigit(scalar) { return placed(try number(), start) }
        if scalar == "\"" || scalar == "'" { return placed(.string(try string(scalar)), start) }
        if index + 1 < scalars.count {
            let pair = String(String.UnicodeScalarView(scalars[index...index + 1]))
            if let symbol = Self.twoCharacters[pair] {
                index += 2
                return placed(.symbol(symbol), start)
            }
        }
        guard let symbol = Self.oneCharacter[scalar] else {
            throw error("\"\(scalar)\" is not part of an expression")
        }
        index += 1
        return placed(.symbol(symbol), start)
    }

    private func placed(_ token: Token, _ start: Int) -> Placed { Placed(token: token, column: start + 1) }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private mutating func name() -> Token {
        let start = index
        while index < scalars.count, Token.isNamePart(scalars[index]) { index += 1 }
        let text = String(String.UnicodeScalarView(scalars[start..<index]))
        return Token.words[text].map(Token.symbol) ?? .name(text)
    }

    private mutating func number() throws(SourceError) -> Token {
        let start = index
        while index < scalars.count, isDigit(scalars[index]) || scalars[index] == "." || scalars[index] == "_" {
            index += 1
        }
        let text = String(String.UnicodeScalarView(scalars[start..<index]))
        guard let number = Double(text.filter { $0 != "_" }),
            index == scalars.count || !Token.isNamePart(scalars[index])
        else {
            throw SourceError(line: 1, column: start + 1, "\"\(text)\" is not a number")
        }
        return .number(number)
    }

    private mutating func string(_ quote: Unicode.Scalar) throws(SourceError) -> String {
        let start = index
        index += 1
        var text = String.UnicodeScalarView()
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == quote { return String(text) }
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            guard index < scalars.count else { break }
            switch scalars[index] {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "\\", "\"", "'": text.append(scalars[index])
            // As in Python, a backslash before anything else is one.
            default: text.append(contentsOf: ["\\", scalars[index]])
            }
            index += 1
        }
        throw SourceError(line: 1, column: start + 1, "the string does not end")
    }

    private func error(_ message: String) -> SourceError { SourceError(line: 1, column: index + 1, message) }
}
