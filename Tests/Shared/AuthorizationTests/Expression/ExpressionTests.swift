import Testing
import TestSupport

@testable import Authorization

@Suite struct ExpressionTests {
    private static let scope = Scope(
        requestName: "r", requestFields: ["sub", "age"], policyName: "p", policyFields: ["sub"], roles: ["g": 2])

    private func value(_ text: String) throws -> Value {
        let cache = PatternCache()
        let evaluation = Evaluation(
            request: [.string("alice"), .number(20)], roles: RoleGraphs(cache: cache), symbols: Symbols(),
            patterns: cache)
        let expression = try ExpressionParser.parse(text, in: Self.scope)
        return try evaluation.value(of: expression, ["bob"]) { _ throws(EvaluationError) in .constant(.bool(false)) }
    }

    @Test(arguments: [
        ("r.sub == 'alice'", true), ("r_sub == \"alice\"", true), ("r.sub != p.sub", true), ("!r.sub == p.sub", true),
        ("not (r.sub == p.sub)", true), ("r.age > 18 && r.age <= 20", true), ("10 < r.age < 30", true),
        ("30 > r.age > 25", false), ("r.sub in ('alice', 'bob')", true), ("r.sub in ['bob']", false),
        ("r.sub not in ('bob',)", true), ("'lic' in r.sub", true), ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true),
        ("-1 < 0", true), ("7 % 3 == 1", true), ("-7 % 3 == 2", true), ("10 / 4 == 2.5", true),
        ("'a' + 'b' == 'ab'", true),
        ("r.sub == 1", false), ("true && !false", true), ("True and not False", true), ("'a' < 'b'", true),
        ("r.sub == 'x' || r.age == 20", true), ("g(r.sub, r.sub)", true), ("g(r.sub, p.sub)", false),
        ("'it\\'s' == \"it's\"", true), ("1 == 1.0", true), ("r.sub == 'x' or r.age == 1 or p.sub == 'bob'", true),
    ])
    func computes(text: String, expected: Bool) throws {
        #expect(try value(text).isTruthy == expected)
    }

    @Test(arguments: [
        ("r.sub ==", 9, "ends too early"), ("== r.sub", 1, "is no value"), ("r.sub r.age", 7, "does not belong"),
        ("r.nothing", 3, "is no field of r"), ("x.sub", 1, "is not known"), ("f(r.sub)", 1, "is no function"),
        ("keyMatch(r.sub)", 1, "takes 2 arguments"), ("(r.sub", 7, "ends too early"), ("'abc", 1, "does not end"),
        ("r.sub # 1", 7, "is not part of"), ("r.sub = 'a'", 7, "is not part of"), ("1..2", 1, "is not a number"),
        ("eval(r.sub)", 1, "takes one field of the policy"), ("r.sub not 'a'", 11, "does not follow"),
        ("", 1, "ends too early"),
        ("r.sub & r.age", 7, "is not part of"), ("a.b.c", 1, "is not known"), ("[1, 2", 6, "ends too early"),
    ])
    func saysWhereItIsWrong(text: String, column: Int, message: String) {
        let error = #expect(throws: SourceError.self) { try ExpressionParser.parse(text, in: Self.scope) }
        #expect(error?.column == column)
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["r.sub < 1", "-r.sub", "r.sub * 2", "1 / 0", "r.sub.name", "1 in 'a'", "keyMatch(r.age, 'a')"])
    func whatHasNoValueSaysSo(text: String) {
        #expect(throws: EvaluationError.self) { try value(text) }
    }

    @Test(arguments: ["(", "!", "-", "["]) func depthIsBounded(opening: String) {
        let text = String(repeating: opening, count: 10_000) + "1"
        #expect(throws: SourceError.self) { try ExpressionParser.parse(text, in: Self.scope) }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>) func noTextMakesTheParserFail(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let words = [
            "r.sub", "p.sub", "(", ")", "&&", "||", "!", "==", "in", "not", ",", "'a'", "1", "-", "g", ".", "[", "]",
        ]
        for _ in 0..<200 {
            let count = Int.random(in: 0..<12, using: &generator)
            let text = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
            _ = try? value(text)
        }
    }
}
