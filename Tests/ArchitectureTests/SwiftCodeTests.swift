import Testing

@Suite struct SwiftCodeTests {
    @Test(arguments: [
        ("let a = 1 // unsafe", "let a = 1"),
        ("a /* x /* y */ z */ b", "a                   b"),
        (#"f("unsafe \(unsafe x("y")) z")"#, #"f("        (unsafe x(" "))  ")"#),
        (##"f(#"a " \(b) \#(c)"#)"##, ##"f(#"           (c)"#)"##),
        ("\"\"\"\n  default: \"quoted\"\n  \"\"\"\nx", "\"\"\"\n\n  \"\"\"\nx"),
        (#""\\" + y"#, #""  " + y"#),
    ])
    func keepsCodeAndBlanksTheRest(text: String, code: String) {
        let lines = SwiftCode.withoutCommentsAndStrings(text).split(separator: "\n", omittingEmptySubsequences: false)
        let trimmed = lines.map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        #expect(trimmed.joined(separator: "\n") == code)
    }

    @Test func keepsEveryLineBreak() {
        let text = "a\n/*\n*/ b\n\"\"\"\n\n\"\"\"\n// c\n"
        let code = SwiftCode.withoutCommentsAndStrings(text)
        #expect(code.filter { $0 == "\n" }.count == text.filter { $0 == "\n" }.count)
    }
}
