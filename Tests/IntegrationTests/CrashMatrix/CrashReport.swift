/// What became of the cells, as a Markdown table.
struct CrashReport {
    private let victims: [CrashCell.Victim]
    private var failures: [String: String] = [:]
    private var passed: Set<String> = []

    init(victims: [CrashCell.Victim]) { self.victims = victims }

    mutating func note(_ cell: CrashCell, failure: String?) {
        if let failure { failures[cell.description] = failure } else { passed.insert(cell.description) }
    }

    var text: String {
        var lines = [
            "| step | \(victims.map(\.rawValue).joined(separator: " | ")) |",
            "| --- |\(String(repeating: " --- |", count: victims.count))",
        ]
        for step in CrashCell.steps {
            let cells = victims.map { victim in
                CrashCell.Moment.allCases.map { moment in
                    let cell = CrashCell(step: step, moment: moment, victim: victim).description
                    return passed.contains(cell) ? "✓" : failures[cell] == nil ? "–" : "✗"
                }.joined(separator: " ")
            }
            lines.append("| \(step.name) | \(cells.joined(separator: " | ")) |")
        }
        lines.append("")
        for (cell, failure) in failures.sorted(by: { $0.key < $1.key }) { lines.append("* \(cell): \(failure)") }
        lines.append("\(passed.count + failures.count) cells, \(failures.count) failed")
        return lines.joined(separator: "\n") + "\n"
    }
}
