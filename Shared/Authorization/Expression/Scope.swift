/// The names that an expression may use.
struct Scope: Sendable {
    /// `r` or `r2`, and its fields.
    let requestName: String
    let requestFields: [String]
    let policyName: String
    let policyFields: [String]
    /// How many arguments each role definition's function takes.
    let roles: [String: Int]

    /// What a name with a field means; nil if it is none of ours.
    ///
    /// `r.sub` may be written `r_sub`.
    func field(_ name: String, _ field: String) -> Expression? {
        if name == requestName { return requestFields.firstIndex(of: field).map { .request($0) } }
        if name == policyName { return policyFields.firstIndex(of: field).map { .policy($0) } }
        return nil
    }

    func joined(_ name: String) -> Expression? {
        for prefix in [requestName, policyName] where name.hasPrefix(prefix + "_") {
            if let found = field(prefix, String(name.dropFirst(prefix.count + 1))) { return found }
        }
        return nil
    }

    var knownNames: String {
        (requestFields.map { "\(requestName).\($0)" } + policyFields.map { "\(policyName).\($0)" })
            .joined(separator: ", ")
    }
}
