import ControlPlane
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelServing

struct ModelServingAPITests {
    @Test func documentsEveryRouteAndNoOther() throws {
        let server = try ServingUnderTest().server
        #expect(server.undocumented(in: ModelServingAPI.document).isEmpty)
    }

    @Test func isTheCheckedInDocument() throws {
        try CheckedInDocument("docs/openapi/model-serving.json").expect(ModelServingAPI.document.json)
    }

    @Test func guardsEveryRouteButHealthAndTheSidecars() async throws {
        let server = try ServingUnderTest().server
        for (method, target) in server.guardedTargets {
            let answer = try await server.send(method, target, asAdmin: false)
            #expect(answer.status == 401, "\(method) \(target)")
        }
    }
}
