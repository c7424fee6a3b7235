/// Shell patterns: `*` for any characters but a slash, `?` for one, `[a-z]` and `[!a-z]`, a backslash before what is
/// meant as it is. Time is bounded by the product of both lengths.
enum GlobPattern {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
        var (position, index) = (0, 0)
        // Where to go on if what follows the last star does not match: with one character more under the star.
        var star: (pattern: Int, text: Int)?
        while true {
            if index < pattern.count, pattern[index] == "*" {
                index += 1
                star = (index, position)
                continue
            }
            if position == text.count, index == pattern.count { return true }
            if position < text.count, index < pattern.count, let end = end(pattern, index, matching: text[position]) {
                index = end
                position += 1
                continue
            }
            guard let last = star, last.text < text.count, text[last.text] != "/" else { return false }
            star = (last.pattern, last.text + 1)
            (index, position) = (last.pattern, last.text + 1)
        }
    }

    /// Behind the part of the pattern at `index`, if that matches the character.
    private static func end(_ pattern: [Unicode.Scalar], _ index: Int, matching scalar: Unicode.Scalar) -> Int? {
        switch pattern[index] {
        case "?": return scalar == "/" ? nil : index + 1
        case "[": return scalar == "/" ? nil : endOfClass(pattern, index + 1, matching: scalar)
        case "\\" where index + 1 < pattern.count: return pattern[index + 1] == scalar ? index + 2 : nil
        default: return pattern[index] == scalar ? index + 1 : nil
        }
    }

    private static func endOfClass(_ pattern: [Unicode.Scalar], _ start: Int, matching scalar: Unicode.Scalar) -> Int? {
        var index = start
        var isNegated = false
        if index < pattern.count, pattern[index] == "!" || pattern[index] == "^" {
            isNegated = true
            index += 1
        }
        func element() -> Unicode.Scalar? {
            if index < pattern.count, pattern[index] == "\\" { index += 1 }
            guard index < pattern.count else { return nil }
            defer { index += 1 }
            return pattern[index]
        }
        var isMember = false
        while index < pattern.count, pattern[index] != "]" {
            guard let low = element() else { return nil }
            if index + 1 < pattern.count, pattern[index] == "-", pattern[index + 1] != "]" {
                index += 1
                guard let high = element() else { return nil }
                if low.value <= scalar.value, scalar.value <= high.value { isMember = true }
            } else if low == scalar {
                isMember = true
            }
        }
        return isMember != isNegated ? min(index + 1, pattern.count) : nil
    }
}
