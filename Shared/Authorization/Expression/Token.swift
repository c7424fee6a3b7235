/// A word of the matcher language.
enum Token: Hashable, Sendable {
    case name(String)
    case string(String)
    case number(Double)
    case symbol(Symbol)

    enum Symbol: String, Hashable, Sendable {
        case and, or, not
        case `in`
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"
        case remainder = "%"
        case open = "("
        case close = ")"
        case openList = "["
        case closeList = "]"
        case comma = ","
        case dot = "."
    }

    /// Words that are symbols.
    static let words: [String: Symbol] = ["and": .and, "or": .or, "not": .not, "in": .in]

    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, isNameStart(first) else { return false }
        return text.unicodeScalars.allSatisfy(isNamePart) && words[text] == nil
    }

    static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        default: false
        }
    }

    static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        isNameStart(scalar) || ("0"..."9").contains(scalar)
    }
}
