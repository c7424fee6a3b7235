import Testing

/// Holds every file of the repository to the house rules, and every rule to its samples.
@Suite struct SourceRuleTests {
    static let rules = languageRules + sizeRules + namingRules + textRules

    @Test(arguments: rules)
    func holdsInEveryFile(rule: SourceRule) {
        let violations = Repository.files.flatMap(rule.find)
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: rules)
    func catchesWhatBreaksIt(rule: SourceRule) {
        #expect(!rule.find(rule.bad).isEmpty)
    }

    @Test(arguments: rules)
    func letsPassWhatOnlyLooksLikeIt(rule: SourceRule) {
        let violations = rule.find(rule.good)
        #expect(violations.isEmpty, "\(violations)")
    }

    @Test func findsTheSources() {
        #expect(Repository.swiftFiles.count > 50)
        #expect(Repository.exists("Package.swift"))
        #expect(Repository.file("Makefile") != nil)
    }
}
