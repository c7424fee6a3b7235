/// How far above the bottom of the role tree each subject is: those whom nobody inherits from are at 0.
struct SubjectLevels {
    private struct Subject: Hashable {
        let domain: ExactText
        let name: ExactText
    }

    private var levels: [Subject: Int] = [:]

    /// - Throws: `SourceError` if roles inherit each other in a circle.
    init(_ rules: [PolicyFile.Rule]) throws(SourceError) {
        var links = rules.filter { $0.fields.count >= 2 }.map { rule in
            let domain = ExactText(rule.fields.count > 2 ? rule.fields[2] : "")
            return (
                child: Subject(domain: domain, name: ExactText(rule.fields[0])),
                parent: Subject(domain: domain, name: ExactText(rule.fields[1])), line: rule.line
            )
        }
        var left = Set(links.flatMap { [$0.child, $0.parent] })
        var level = 0
        while !links.isEmpty {
            let parents = Set(links.map(\.parent))
            let lowest = left.subtracting(parents)
            guard !lowest.isEmpty else {
                throw SourceError(
                    line: links[0].line, column: 1, "roles inherit each other in a circle, which has no lowest one")
            }
            for subject in lowest { levels[subject] = level }
            left.subtract(lowest)
            links.removeAll { lowest.contains($0.child) }
            level += 1
        }
        for subject in left { levels[subject] = level }
    }

    func level(_ subject: String, _ domain: String) -> Int {
        levels[Subject(domain: ExactText(domain), name: ExactText(subject))] ?? 0
    }
}
