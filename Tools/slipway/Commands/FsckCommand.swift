import HTTP
import JSON

/// `slipway fsck`
let fsckCommand = Command(
    "fsck", "Check that what the services keep, hold and run agrees; mend it with --repair",
    flags: [.init("repair", "mend what can be mended")],
    examples: ["slipway fsck", "slipway fsck --repair"]
) { invocation throws(CommandFailure) in
    let isRepairing = invocation.arguments.isOn("repair")
    var findings: [(server: Settings.Server, finding: JSONValue)] = []
    var checked: [String] = []
    // Registries first: what ModelServing holds is compared with them.
    for server in [Settings.Server.modelManagement, .resourceManagement, .modelServing] {
        let report = try await report(of: server, isRepairing, invocation)
        findings += (report["findings"]?.arrayValue ?? []).map { (server, $0) }
        checked += (report["checked"]?.objectValue?.members ?? []).map { "\($0.value.cell) \(words($0.name))" }
    }
    let document = JSONValue.array(
        findings.map { server, finding in
            var object = finding.objectValue ?? JSONObject()
            object["service"] = .string(server.rawValue)
            return .object(object)
        })
    let open = findings.count { $0.finding["repaired"] != .bool(true) }
    invocation.show(document) { _ in
        let summary = "Checked \(checked.joined(separator: ", ")): \(verdict(findings.count, open: open))\n"
        guard !findings.isEmpty else { return summary }
        var table = Table(["repaired", "service", "kind", "subject", "finding"])
        for (server, finding) in findings {
            table.add([
                finding["repaired"] == .bool(true) ? "yes" : "no", server.rawValue, finding.cell("kind"),
                finding.cell("subject"), finding.cell("message"),
            ])
        }
        return table.text + "\n" + summary
    }
    guard open == 0 else {
        throw CommandFailure(
            .failed, "\(open) findings are open.",
            hints: isRepairing ? ["Read what each of them says."] : ["slipway fsck --repair mends what can be mended."])
    }
}

private func report(
    of server: Settings.Server, _ isRepairing: Bool, _ invocation: Invocation
) async throws(CommandFailure) -> JSONValue {
    if isRepairing { return try await invocation.client.call(.post, "/consistency:repair", of: server).body }
    return try await invocation.client.call(.get, "/consistency", of: server).body
}

private func words(_ name: String) -> String { name.split(separator: "_").joined(separator: " ") }

private func verdict(_ count: Int, open: Int) -> String {
    if count == 0 { return "everything agrees." }
    return open == 0 ? "\(count) findings, all repaired." : "\(count) findings, \(open) of them open."
}
