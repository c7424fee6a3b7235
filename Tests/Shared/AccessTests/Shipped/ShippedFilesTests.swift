import Access
import Domain
import TestSupport
import Testing

/// The files that Slipway brings let each role do what its name says, and nothing else.
@Suite struct ShippedFilesTests {
    /// Everything that a route asks for, with a thing that it may be about.
    static let questions: [(object: String, action: String)] = [
        ("models", "model:create"), ("models", "model:list"), ("models", "model:assign_owner"),
        ("models/1", "model:get"),
        ("models/1", "model:get_own"), ("models/1", "model:update"), ("models/1", "model:update_own"),
        ("models/1", "model:delete"), ("models/1", "model:delete_own"), ("models/1", "model:assign_owner"),
        ("model_services", "model_service:create"), ("model_services", "model_service:list"),
        ("model_services/1", "model_service:get"), ("model_services/1", "model_service:get_own"),
        ("model_services/1", "model_service:update"), ("model_services/1", "model_service:update_own"),
        ("model_services/1", "model_service:delete"), ("model_services/1", "model_service:delete_own"),
        ("model_services", "model_service:assign_owner"), ("model_services/1", "model_service:assign_owner"),
        ("resource_pools", "resource_pool:create"), ("resource_pools", "resource_pool:list"),
        ("resource_pools/1", "resource_pool:get"), ("resource_pools/1", "resource_pool:update"),
        ("resource_pools/1", "resource_pool:delete"),
        ("resource_pools/1/allocations", "resource_allocation:create"),
        ("resource_pools/1/allocations", "resource_allocation:list"),
        ("resource_pools/1/allocations/2", "resource_allocation:get"),
        ("resource_pools/1/allocations/2", "resource_allocation:delete"),
        ("resource_claims", "resource_allocation:list"), ("resource_claims/1", "resource_allocation:create"),
        ("resource_claims/1", "resource_allocation:get"), ("resource_claims/1", "resource_allocation:delete"),
        ("policies", "policy:list"), ("policies", "policy:create"), ("policies/1", "policy:delete"),
        ("roles/x", "policy:delete"), ("role_bindings", "policy:create"), ("policies", "policy:explain"),
        ("policies", "policy:dry_run"), ("api_keys", "api_key:create"), ("api_keys", "api_key:list"),
        ("api_keys/1", "api_key:delete"), ("api_keys", "api_key:create_own"), ("api_keys", "api_key:list_own"),
        ("api_keys/1", "api_key:delete_own"), ("consistency", "consistency:check"),
        ("consistency", "consistency:repair"), ("metrics", "metrics:read"), ("docs", "documentation:read"),
        ("openapi.json", "documentation:read"), ("routes", "route:list"), ("usage_reports", "usage:report"),
        ("gateway_reports", "gateway:report"),
    ]

    static let member: Set<String> = [
        "api_key:create_own", "api_key:list_own", "api_key:delete_own", "documentation:read",
    ]
    static let modelReader = member.union(["model:list", "model:get"])
    static let modelAuthor = member.union([
        "model:create", "model:list", "model:get_own", "model:update_own", "model:delete_own",
    ])
    static let modelEditor = modelReader.union(modelAuthor).union(["model:update"])
    static let serviceReader = member.union(["model_service:list", "model_service:get"])
    static let serviceAuthor = member.union([
        "model_service:create", "model_service:list", "model_service:get_own", "model_service:update_own",
        "model_service:delete_own",
    ])
    static let serviceOwner = serviceReader.union(serviceAuthor)
    static let viewer = member.union([
        "resource_pool:list", "resource_pool:get", "resource_allocation:list", "resource_allocation:get",
    ])
    static let policies: Set<String> = [
        "policy:list", "policy:create", "policy:delete", "policy:explain", "policy:dry_run",
    ]

    /// Who may do which actions.
    static let rights: [(subject: String, actions: Set<String>)] = [
        ("admin", Set(questions.map(\.action))),
        ("role:member", member),
        ("role:model-reader", modelReader),
        ("role:model-author", modelAuthor),
        ("role:model-editor", modelEditor),
        ("role:model-manager", modelEditor.union(["model:delete", "model:assign_owner"])),
        ("role:model-service-reader", serviceReader),
        ("role:model-service-author", serviceAuthor),
        ("role:model-service-owner", serviceOwner),
        (
            "role:model-service-operator",
            serviceOwner.union(["model_service:update", "model_service:delete", "model_service:assign_owner"])
        ),
        ("role:resource-viewer", viewer),
        (
            "role:resource-operator",
            viewer.union([
                "resource_pool:create", "resource_pool:update", "resource_pool:delete", "resource_allocation:create",
                "resource_allocation:delete",
            ])
        ),
        ("role:policy-admin", member.union(policies).union(["api_key:create", "api_key:list", "api_key:delete"])),
        (
            "role:auditor",
            member.union([
                "policy:list", "policy:explain", "policy:dry_run", "api_key:list", "consistency:check",
            ])
        ),
        ("role:monitor", member.union(["metrics:read", "consistency:check"])),
        ("app:inference-gateway", ["route:list", "usage:report", "gateway:report"]),
        ("app:model-management", []),
        ("app:resource-management", []),
        ("alice", []),
        ("Admin", []),
        ("role:admins", []),
    ]

    @Test(arguments: rights) func letsEachRoleDoWhatItsNameSays(subject: String, actions: Set<String>) throws {
        let book = try AccessBook(try ShippedAccess.files())
        let allowed = Self.questions.filter {
            book.isAllowed(Principal(subject: subject), $0.object, $0.action)
        }
        let wanted = Self.questions.filter { actions.contains($0.action) }
        #expect(
            allowed.map { "\($0.action) \($0.object)" } == wanted.map { "\($0.action) \($0.object)" }, "\(subject)")
    }

    @Test func letsModelServingAskForWhatItNeedsOnly() throws {
        let book = try AccessBook(try ShippedAccess.files())
        let allowed = Self.questions.filter {
            book.isAllowed(Principal(subject: "app:model-serving"), $0.object, $0.action)
        }
        #expect(
            allowed.map { "\($0.action) \($0.object)" } == [
                "model:get models/1", "resource_pool:list resource_pools", "resource_pool:get resource_pools/1",
                "resource_allocation:list resource_claims", "resource_allocation:create resource_claims/1",
                "resource_allocation:get resource_claims/1", "resource_allocation:delete resource_claims/1",
            ])
    }

    @Test func speaksOfEveryRoleThatItBindsSomebodyTo() throws {
        let files = try ShippedAccess.files()
        let subjects = Set(
            files.rules.compactMap { rule in
                if case .policy(let entry) = rule.content { entry.subject } else { nil }
            })
        for rule in files.rules {
            guard case .binding(let entry) = rule.content else { continue }
            #expect(subjects.contains(entry.role) || files.rules.contains { $0.isBinding(of: entry.role) })
        }
        #expect(files.rules.roles.count == 15)
    }

    @Test func areBuiltIntoThePrograms() throws {
        #expect(AccessFiles.shippedModel == (try ShippedAccess.text("config/access_model.conf")))
        #expect(AccessFiles.shippedPolicy == (try ShippedAccess.text("config/access_policy.csv")))
    }

    @Test func whatTheAdminMayIsOwedToOneRule() throws {
        let book = try AccessBook(try ShippedAccess.files())
        let explanation = book.explain(AccessRequest(Principal(subject: "admin"), "models/1", "model:get"))
        #expect(explanation.decision.rule?.description == "p, role:admin, *, *, allow")
        #expect(explanation.decision.rule?.source == .file)
        #expect(explanation.path == ["admin", "role:admin"])
    }
}

extension AccessRule {
    fileprivate func isBinding(of subject: String) -> Bool {
        if case .binding(let entry) = content { entry.subject == subject } else { false }
    }
}
