import Testing
import TestSupport

@testable import Authorization

@Suite struct RegexTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        RegexMachine.matches(try RegexProgram(pattern), text)
    }

    @Test(arguments: [
        ("a", "abc", true), ("b", "abc", false), ("^a$", "a", true), ("^a$", "a\n", true), ("^a\\Z", "a\n", false),
        ("a|b|", "zzz", true), ("(GET)|(POST)", "POST", true), ("^(a|ab)(c|bcd)$", "abcd", true),
        ("^a{2}$", "aa", true), ("^a{2}$", "aaa", false), ("^a{2,}$", "aaaa", true), ("^a{,2}$", "", true),
        ("^a{1,2}?$", "aa", true), ("^[a-c]+$", "abcabc", true), ("^[^a-c]+$", "abd", false), ("^[]a]+$", "]a", true),
        ("^[\\d-]+$", "1-2", true), ("^\\w+@\\w+\\.org$", "a_1@b.org", true), ("^\\S+\\s\\S+$", "a b", true),
        ("^.*$", "a\nb", false), ("\\bfoo\\b", "foo bar", true), ("foo\\b", "foobar", false), ("^{id}$", "{id}", true),
        ("^a*?b$", "aaab", true), ("^(?:ab)+$", "abab", true), ("^(?P<x>a)$", "a", true),
        ("^\\x41\\u0042$", "AB", true),
        ("^é$", "é", true), ("", "", true), ("^(a*)*$", "aaa", true), ("^(a|)+$", "aa", true), ("^\\/x$", "/x", true),
    ])
    func matchesAsPythonDoes(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        "*", "+a", "a**", "(", ")", "(a", "[a", "[b-a]", "\\", "a{3,2}", "a{1001}", "(?=a)", "(?!a)", "(?<=a)",
        "(a)\\1",
        "(?i)a", "\\q", "\\x4", "^*", "a++", "(?P=x)", "(?P<x", String(repeating: "(", count: 100),
        String(repeating: "a", count: 2000), "((((a{1000}){1000}){1000}){1000})",
    ])
    func refusesWhatIsWrongOrCannotBeMatchedInLinearTime(pattern: String) {
        #expect(throws: PatternError.self) { try RegexProgram(pattern) }
    }

    /// Ways to match that double with each character.
    @Test(arguments: ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){20}$", "^([a-zA-Z]+)*$", "^(a?){50}a{50}$"])
    func noPatternHangs(pattern: String) throws {
        #expect(try !matches(pattern, String(repeating: "a", count: 20_000) + "!"))
    }

    @Test func groupsAreGreedyFromTheLeft() throws {
        let program = try RegexProgram("^(a+)(a*)(b)?$")
        #expect(RegexMachine.groups(program, "aaa") == ["aaa", "", nil])
        #expect(RegexMachine.groups(program, "ab") == ["a", "", "b"])
        #expect(RegexMachine.groups(program, "c") == nil)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>) func noTextMakesTheParserFail(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab*+?()[]{}|\\^$.,-1d:P<>")
        for _ in 0..<200 {
            let length = Int.random(in: 0..<12, using: &generator)
            let pattern = String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            if let program = try? RegexProgram(pattern) { _ = RegexMachine.matches(program, "aabb1d") }
        }
    }
}
