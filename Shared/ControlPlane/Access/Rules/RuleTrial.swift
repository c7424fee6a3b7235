import Access
import Domain
import HTTP
import JSON

/// A change that is only tried: `{"add": {"policies": […], …}, "remove": {"roles": ["x"], …}}`.
struct RuleTrial: Sendable {
    private struct Addition: Sendable {
        let content: AccessRule.Content
        /// Where the request has it.
        let pointer: String
    }

    private var additions: [Addition] = []
    private var policies: [String] = []
    private var bindings: [String] = []
    private var roles: [String] = []

    /// - Throws: `.invalid`, naming each field.
    init(_ fields: JSONFields) throws(ServiceError) {
        let limit = AccessLimits.maximumTriedRules
        if let add = fields.optionalObject("add") {
            // Roles first: the others may speak of them.
            let kinds: [(name: String, read: (JSONFields) -> AccessRule.Content?)] = [
                ("roles", { $0.role() }), ("policies", { $0.policy() }), ("role_bindings", { $0.binding() }),
            ]
            for (name, read) in kinds {
                for (index, element) in (add.optionalObjects(name, maximumCount: limit) ?? []).enumerated() {
                    guard let content = read(element) else { continue }
                    additions.append(Addition(content: content, pointer: "/add/\(name)/\(index)"))
                }
            }
        }
        if let remove = fields.optionalObject("remove") {
            let rule = "must be a text that is not empty"
            func names(_ name: String) -> [String] {
                remove.optionalTexts(name, maximumCount: limit, rule) { $0.isEmpty ? nil : $0 } ?? []
            }
            policies = names("policies")
            bindings = names("role_bindings")
            roles = names("roles")
        }
        try fields.validate()
    }

    /// Removes, then adds.
    func edit(
        _ draft: inout RuleDraft, _ make: (AccessRule.Content) -> AccessRule
    ) throws(ServiceError) {
        for id in bindings { try draft.removeBinding(id) }
        for id in policies { try draft.removePolicy(id) }
        for name in roles { try draft.removeRole(name) }
        for addition in additions {
            do throws(ServiceError) {
                try draft.add(make(addition.content))
            } catch {
                guard case .invalid(let problems) = error else { throw error }
                throw .invalid(
                    problems.map { FieldProblem(field: addition.pointer + $0.field, message: $0.message) })
            }
        }
    }
}
