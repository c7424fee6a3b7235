import Audit
import JSON

/// `slipway audit`
let auditCommands = Command(
    "audit", "Check the logs of who changed what and who was refused",
    examples: ["slipway audit verify"], group: [auditVerifyCommand])

private let auditVerifyCommand = Command(
    "verify", "Find every line of an audit log that was altered, removed, added or moved",
    arguments: [
        .init(
            "PATH", optional: true, repeated: true,
            "folders with audit logs in them, or files of one log; the project's by default")
    ],
    flags: [
        .init("after", value: "SEQ:HASH", "the last line that was put elsewhere, if the first ones were"),
        .init("expect", value: "SEQ:HASH", "a line that the log had when you noted it"),
    ],
    examples: [
        "slipway audit verify", "slipway audit verify .slipway/model-serving/audit",
        "slipway audit verify .slipway/model-serving/audit --expect \"$POSITION\"",
    ]
) { invocation throws(CommandFailure) in
    let reports = try auditReports(invocation)
    invocation.show(.array(reports.map { $0.report.json(place: $0.place) })) { _ in
        reports.map { $0.report.text(place: $0.place) }.joined()
    }
    let count = reports.reduce(0) { $0 + $1.report.findingCount }
    guard count == 0 else {
        throw CommandFailure(
            .failed, "\(counted(count, "finding")): the log is not what was written.")
    }
}

private func auditReports(
    _ invocation: Invocation
) throws(CommandFailure) -> [(place: String, report: AuditReport)] {
    let after = try position("after", invocation.arguments) ?? .start
    let noted = try position("expect", invocation.arguments)
    let given = invocation.arguments.arguments("PATH")
    let paths = (given.isEmpty ? [ProjectDirectory.localFolder] : given).map(invocation.workingFolder.resolve)
    let files = paths.filter { LocalFile.size($0) != nil }
    var reports: [(place: String, report: AuditReport)] = []
    for path in paths where !files.contains(path) {
        let chains = AuditReport.chains(in: path)
        guard !chains.isEmpty else { throw CommandFailure(.notFound, "There is no audit log in \(path).") }
        for chain in chains {
            reports.append((chain, AuditVerification.report(onFolder: chain, after: after, noted: noted)))
        }
    }
    if !files.isEmpty {
        reports.append(
            (files.joined(separator: " "), AuditVerification.report(onFiles: files, after: after, noted: noted)))
    }
    guard noted == nil || reports.count == 1 else {
        throw CommandFailure(.usage, "--expect is about one log, and there are \(reports.count); name the one.")
    }
    return reports
}

private func position(_ flag: String, _ arguments: ParsedArguments) throws(CommandFailure) -> AuditPosition? {
    guard let text = arguments.string(flag) else { return nil }
    guard let position = AuditPosition(text) else {
        throw CommandFailure(
            .usage, "--\(flag) is \"\(text)\"; it must be SEQ:HASH, as slipway audit verify prints it.")
    }
    return position
}

extension AuditReport {
    fileprivate func text(place: String) -> String {
        var text = "\(place): \(isWhole ? "whole" : "NOT WHOLE"), \(counted(lines, "line")) "
        text += "in \(counted(files, "file")), up to \(last)\n"
        if openChanges > 0 {
            text += "  \(counted(openChanges, "change")) without an outcome (yet, or because a process died)\n"
        }
        if mended > 0 {
            text += "  \(counted(mended, "part")) of a line cut off after a process died; nothing is missing\n"
        }
        for finding in findings { text += "  \(finding.place): \(finding.reason)\n" }
        if findingCount > findings.count { text += "  and \(findingCount - findings.count) more\n" }
        return text
    }

    fileprivate func json(place: String) -> JSONValue {
        let findings = findings.map { finding -> JSONValue in
            var object = JSONObject([("file", .string(finding.file))])
            object["line"] = finding.line.map { .integer(Int64($0)) }
            object["reason"] = .string(finding.reason)
            return .object(object)
        }
        return [
            "path": .string(place), "whole": .bool(isWhole), "lines": .integer(Int64(lines)),
            "files": .integer(Int64(files)), "last": .string(last.description),
            "open_changes": .integer(Int64(openChanges)), "mended": .integer(Int64(mended)),
            "findings": .array(findings), "finding_count": .integer(Int64(findingCount)),
        ]
    }
}

private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension AuditReport.Finding {
    fileprivate var place: String { line.map { "\(file):\($0)" } ?? file }
}
