import Domain
import HTTP
import Testing

@testable import ControlPlane

@Suite struct AccessObjectTests {
    static let id = "0192f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"

    @Test(arguments: [
        ("/models", "model:create", "models"),
        ("/models/{id}", "model:get", "models/\(id)"),
        ("/models/{id}/versions/{version}", "model:get", "models/\(id)"),
        ("/models/{id}/aliases/{alias}", "model:update", "models/\(id)"),
        ("/model_services:validate", "model_service:create", "model_services"),
        ("/model_services/{id}/tokens/{token}", "model_service:update", "model_services/\(id)"),
        ("/resource_pools/{id}/allocations", "resource_allocation:list", "resource_pools/\(id)/allocations"),
        ("/resource_claims/{id}", "resource_allocation:get", "resource_claims/\(id)"),
        ("/policies:explain", "policy:explain", "policies"),
        ("/role_bindings/{id}", "policy:delete", "role_bindings/\(id)"),
        ("/consistency:repair", "consistency:repair", "consistency"),
        ("/openapi.json", "documentation:read", "openapi.json"),
    ])
    func isThePathAsFarAsThePermissionSpeaksOfIt(pattern: String, permission: String, object: String) {
        let parameters = PathParameters(["id": Self.id, "version": "3", "alias": "a", "token": "t"])
        #expect(AccessObject(PathPattern(pattern), parameters, permission: permission).text == object)
    }

    @Test(arguments: [
        (id, "models/\(id)"), (id.uppercased(), "models/\(id)"), ("a/b", "models/a%2Fb"), ("{id}", "models/{id}"),
        ("*", "models/*"), ("..", "models/.."),
    ])
    func hasOneWritingForEachThing(value: String, object: String) {
        let found = AccessObject(
            "/models/{id}/versions", PathParameters(["id": value]), permission: "model:get")
        #expect(found.text == object)
        #expect(found.collection == "models" && found.id.map { "models/\($0)" } == object)
    }

    @Test func aPartOfAThingIsNoThing() {
        let parameters = PathParameters(["id": Self.id, "other": Self.id])
        let allocation = AccessObject(
            "/resource_pools/{id}/allocations/{other}", parameters, permission: "resource_allocation:get")
        #expect(allocation.collection == nil && allocation.id == nil)
        #expect(AccessObject("/models", parameters, permission: "model:list").id == nil)
    }
}
