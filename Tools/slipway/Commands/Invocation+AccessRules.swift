import HTTP
import JSON

let dryRunFlag = Command.Flag("dry-run", "change nothing; say which of the last decisions would be others")
let accessServerFlag = Command.Flag(
    "at", value: "SERVICE", "model-serving (default), model-management or resource-management")

extension Invocation {
    /// The service that is asked about rules.
    func accessServer() throws(CommandFailure) -> Settings.Server {
        let server: Settings.Server = try arguments.choice("at") ?? .modelServing
        guard server != .gateway else { throw CommandFailure(.usage, "The gateway keeps no rules.") }
        return server
    }

    /// Every rule of a collection.
    /// - Parameter filters: flags that are query parameters too.
    func rules(_ collection: String, filters: [String] = []) async throws(CommandFailure) -> [JSONValue] {
        let query = filters.compactMap { name in
            arguments.string(name).map { "\(name)=\(PercentEncoding.encode($0))" }
        }
        return try await client.list("/\(collection)", collection, query: query, of: accessServer())
    }

    /// Adds a rule, or with `--dry-run` tells what it would change.
    func addRule(_ rule: JSONValue, to collection: String) async throws(CommandFailure) {
        if arguments.isOn("dry-run") { return try await tryOut(["add": [collection: [rule]]]) }
        let answer = try await client.call(
            .post, "/\(collection)", of: accessServer(), body: rule, fields: idempotencyKey())
        show(answer.body) { answer in "Added \(answer["id"] != nil ? answer.cell("id") : answer.cell("name")).\n" }
    }

    /// - Parameter id: of a role, its name.
    func removeRule(_ id: String, from collection: String) async throws(CommandFailure) {
        if arguments.isOn("dry-run") { return try await tryOut(["remove": [collection: [.string(id)]]]) }
        _ = try await client.call(.delete, "/\(collection)/\(PercentEncoding.encode(id))", of: accessServer())
        confirm("Removed \(id).")
    }

    func tryOut(_ change: JSONValue) async throws(CommandFailure) {
        let answer = try await client.call(.post, "/policies:dry_run", of: accessServer(), body: change)
        show(answer.body) { result in
            let changes = result["changes"]?.arrayValue ?? []
            var text =
                "Of the last \(result.cell("decisions")) different decisions, \(changes.count) would be others.\n"
            if let lockout = result["lockout"]?.stringValue { text += "It would be refused: \(lockout)\n" }
            guard !changes.isEmpty else { return text }
            var table = Table(["subject", "groups", "object", "action", "now", "then", "asked", "last"])
            for change in changes {
                table.add([
                    change.cell("sub"), change.list("groups", separator: ", "), change.cell("obj"),
                    change.cell("act"), change.verdict("allowed_before"), change.verdict("allowed_after"),
                    change.cell("count"), change.timeCell("last_at"),
                ])
            }
            return text + "\n" + table.text
        }
    }
}

extension JSONValue {
    /// Who made a rule: `file`, or the one who added it.
    var origin: String { self["created_by"]?.stringValue ?? cell("source") }

    func list(_ member: String, separator: String) -> String {
        (self[member]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: separator)
    }

    fileprivate func verdict(_ member: String) -> String { self[member]?.boolValue == true ? "allowed" : "refused" }
}
