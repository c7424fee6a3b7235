/// Reads Swift well enough to tell code from comments and string literals.
enum SwiftCode {
    /// `text` with comments and the contents of strings turned to spaces. Line breaks stay, so that every line keeps
    /// its number; code inside `\(…)` stays too. Regex literals are taken for code.
    static func withoutCommentsAndStrings(_ text: String) -> String {
        var scanner = Scanner(bytes: Array(text.utf8))
        scanner.code(closingParenthesis: false)
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0
        var output: [UInt8] = []

        init(bytes: [UInt8]) {
            self.bytes = bytes
            output.reserveCapacity(bytes.count)
        }

        func starts(_ text: String, at offset: Int = 0) -> Bool {
            let start = index + offset
            // The first byte tells nearly always.
            guard start < bytes.count, bytes[start] == text.utf8.first else { return false }
            return bytes[start...].starts(with: text.utf8)
        }

        mutating func keep(_ count: Int = 1) {
            let end = min(index + count, bytes.count)
            output.append(contentsOf: bytes[index..<end])
            index = end
        }

        mutating func blank(_ count: Int = 1) {
            for _ in 0..<count where index < bytes.count {
                output.append(bytes[index] == UInt8(ascii: "\n") ? bytes[index] : UInt8(ascii: " "))
                index += 1
            }
        }

        /// Up to the end, or up to and including the parenthesis that closes an interpolation.
        mutating func code(closingParenthesis: Bool) {
            var depth = 0
            while index < bytes.count {
                if starts("//") {
                    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank() }
                } else if starts("/*") {
                    blockComment()
                } else if let hashes = stringStart() {
                    string(hashes: hashes)
                } else {
                    if bytes[index] == UInt8(ascii: "(") { depth += 1 }
                    if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
                    keep()
                    if closingParenthesis, depth < 0 { return }
                }
            }
        }

        mutating func blockComment() {
            var depth = 0
            repeat {
                if starts("/*") {
                    depth += 1
                    blank(2)
                } else if starts("*/") {
                    depth -= 1
                    blank(2)
                } else {
                    blank()
                }
            } while depth > 0 && index < bytes.count
        }

        /// How many `#` are before the quote, if a string literal begins here.
        func stringStart() -> Int? {
            var hashes = 0
            while index + hashes < bytes.count, bytes[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
            return starts("\"", at: hashes) ? hashes : nil
        }

        mutating func string(hashes: Int) {
            keep(hashes)
            let isMultiline = starts("\"\"\"")
            let quotes = isMultiline ? 3 : 1
            keep(quotes)
            while index < bytes.count {
                if closes(quotes: quotes, hashes: hashes) {
                    keep(quotes + hashes)
                    return
                }
                if !isMultiline, bytes[index] == UInt8(ascii: "\n") { return }
                if bytes[index] == UInt8(ascii: "\\"), isRun(of: UInt8(ascii: "#"), at: 1, count: hashes) {
                    blank(1 + hashes)
                    if starts("(") {
                        keep()
                        code(closingParenthesis: true)
                    } else {
                        blank()
                    }
                } else {
                    blank()
                }
            }
        }

        func closes(quotes: Int, hashes: Int) -> Bool {
            isRun(of: UInt8(ascii: "\""), at: 0, count: quotes)
                && isRun(of: UInt8(ascii: "#"), at: quotes, count: hashes)
        }

        func isRun(of byte: UInt8, at offset: Int, count: Int) -> Bool {
            let start = index + offset
            return start + count <= bytes.count && bytes[start..<start + count].allSatisfy { $0 == byte }
        }
    }
}
