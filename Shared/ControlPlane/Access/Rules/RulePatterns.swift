/// What a policy may be about. The shipped model reads both as patterns; what would mean something else there than it
/// looks like, such as a star inside of a name, is refused.
enum RulePatterns {
    static let objectRule =
        "must be *, or a path such as models, models/*, models/{id} or models/0192f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"
    static let actionRule = "must be *, or a permission such as model:get, model:* or model:get_own"

    static func isObject(_ text: String) -> Bool {
        if text == "*" { return true }
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        return segments.enumerated().allSatisfy { index, segment in
            if index > 0, segment == "*" { return true }
            if segment.hasPrefix("{"), segment.hasSuffix("}") { return isName(segment.dropFirst().dropLast()) }
            return isName(segment)
        }
    }

    static func isAction(_ text: String) -> Bool {
        if text == "*" { return true }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, isWord(parts[0]) else { return false }
        return parts[1] == "*" || isWord(parts[1])
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isLetterOrDigit($0) || "._%-".utf8.contains($0) }
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
