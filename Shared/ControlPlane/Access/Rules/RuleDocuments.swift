import Access
import Domain
import JSON

/// Rules as requests have them. Each reader is nil after a problem has been noted with the fields.
extension JSONFields {
    func policy() -> AccessRule.Content? {
        let subject = subject("sub")
        let object = value("obj", maximumLength: AccessLimits.maximumObjectBytes, RulePatterns.objectRule) {
            RulePatterns.isObject($0) ? $0 : nil
        }
        let action = value("act", maximumLength: AccessLimits.maximumActionBytes, RulePatterns.actionRule) {
            RulePatterns.isAction($0) ? $0 : nil
        }
        let effect: PolicyEntry.Effect? = optionalChoice("eft")
        guard let subject, let object, let action else { return nil }
        return .policy(
            PolicyEntry(
                subject: subject.description, object: object, action: action, effect: effect ?? .allow))
    }

    func role() -> AccessRule.Content? {
        let name = entityName("name")
        let description = optionalString(
            "description", maximumLength: AccessLimits.maximumDescriptionBytes, multiline: true)
        return name.map { .role(RoleEntry(name: $0, description: description ?? "")) }
    }

    func binding() -> AccessRule.Content? {
        let subject = subject("sub")
        let rule = "must be the name of a role with role: before it, such as role:model-reader"
        let role = value("role", maximumLength: SubjectName.maximumBytes, rule) { text in
            SubjectName(text).flatMap { $0.kind == .role ? $0 : nil }
        }
        guard let subject, let role else { return nil }
        return .binding(RoleBindingEntry(subject: subject.description, role: role.description))
    }

    func subject(_ name: String) -> SubjectName? {
        value(name, maximumLength: SubjectName.maximumBytes, SubjectName.rule) { SubjectName($0) }
    }
}

extension AccessRule {
    /// As answers have it. Roles have no id there, but a name.
    var json: JSONValue {
        var document = JSONObject()
        switch content {
        case .policy(let entry):
            document = JSONObject([
                ("id", .string(id)), ("sub", .string(entry.subject)), ("obj", .string(entry.object)),
                ("act", .string(entry.action)), ("eft", .string(entry.effect.rawValue)),
            ])
        case .role(let entry):
            document = JSONObject([
                ("name", .string(entry.name.description)), ("description", .string(entry.description)),
            ])
        case .binding(let entry):
            document = JSONObject([
                ("id", .string(id)), ("sub", .string(entry.subject)), ("role", .string(entry.role)),
            ])
        // Keys have routes and documents of their own.
        case .apiKey: return .null
        }
        document["source"] = .string(source.rawValue)
        document["created_at"] = createdAt.map { .string($0.description) }
        document["created_by"] = createdBy.map(JSONValue.string)
        return .object(document)
    }
}
