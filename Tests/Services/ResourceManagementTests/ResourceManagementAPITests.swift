import ControlPlane
import HTTP
import TestSupport
import Testing

@testable import ResourceManagement

struct ResourceManagementAPITests {
    @Test func documentsEveryRouteAndNoOther() throws {
        let server = try ResourceServerUnderTest().server
        #expect(server.undocumented(in: ResourceManagementAPI.document).isEmpty)
    }

    @Test func isTheCheckedInDocument() throws {
        try CheckedInDocument("docs/openapi/resource-management.json").expect(ResourceManagementAPI.document.json)
    }

    @Test func isInTheREADME() throws {
        try CheckedInDocument("Services/ResourceManagement/README.md").expectMention(of: ResourceManagementAPI.document)
    }

    @Test func guardsEveryRouteButHealthAndTheSidecars() async throws {
        let server = try ResourceServerUnderTest().server
        for (method, target) in server.guardedTargets {
            let answer = try await server.send(method, target, asAdmin: false)
            #expect(answer.status == 401, "\(method) \(target)")
        }
    }
}
