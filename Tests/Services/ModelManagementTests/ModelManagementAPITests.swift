import ControlPlane
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelManagement

struct ModelManagementAPITests {
    @Test func documentsEveryRouteAndNoOther() throws {
        let server = try ModelServerUnderTest().server
        #expect(server.undocumented(in: ModelManagementAPI.document).isEmpty)
    }

    @Test func isTheCheckedInDocument() throws {
        try CheckedInDocument("docs/openapi/model-management.json").expect(ModelManagementAPI.document.json)
    }

    @Test func isInTheREADME() throws {
        try CheckedInDocument("Services/ModelManagement/README.md").expectMention(of: ModelManagementAPI.document)
    }

    @Test func guardsEveryRouteButHealthAndTheSidecars() async throws {
        let server = try ModelServerUnderTest().server
        for (method, target) in server.guardedTargets {
            let answer = try await server.send(method, target, asAdmin: false)
            #expect(answer.status == 401, "\(method) \(target)")
        }
    }
}
