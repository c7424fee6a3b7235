import ControlPlane
import Foundation
import HTTP
import InferenceGatewayCore
import JSON
import TestSupport
import Testing

/// What the servers serve, what their documents and READMEs say of it, and who may: all of one mind.
@Suite struct PublishedAPITests {
    /// Open to everybody. Whatever is added here, everybody may ask.
    static let open: Set<String> = ["GET /healthz", "GET /readyz", "GET /dapr/config", "GET /dapr/subscribe"]

    @Test(arguments: PublishedServer.allCases)
    func theDocumentIsTheCheckedInOne(server: PublishedServer) throws {
        try CheckedInDocument(server.documentPath).expect(server.document)
    }

    @Test func everyCheckedInDocumentBelongsToAServer() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: CheckedInDocument("docs/openapi").path)
        #expect(Set(files.map { "docs/openapi/\($0)" }) == Set(PublishedServer.allCases.map(\.documentPath)))
        let services = try FileManager.default.contentsOfDirectory(atPath: CheckedInDocument("Services").path)
        #expect(Set(services) == Set(PublishedServer.allCases.map(\.rawValue)))
    }

    @Test(arguments: PublishedServer.allCases)
    func everyRouteIsDocumentedWithItsPermissionAndEveryOperationHasARoute(server: PublishedServer) throws {
        let routed = try server.server().routes.map { Operation($0) }
        let documented = try Operation.all(in: server.document).filter { !$0.isOfTheDataPath }
        #expect(Set(routed).symmetricDifference(documented).isEmpty)
        #expect(routed.count == Set(routed).count)
    }

    @Test(arguments: PublishedServer.allCases)
    func everyRouteNamesItsPermissionOrIsKnownToBeOpen(server: PublishedServer) throws {
        for operation in try server.server().routes.map({ Operation($0) }) {
            guard let permission = operation.permission else {
                #expect(Self.open.contains(operation.name), "\(operation.name)")
                continue
            }
            #expect(permission.wholeMatch(of: /[a-z_]+:[a-z_]+/) != nil, "\(operation.name): \(permission)")
        }
    }

    @Test(arguments: PublishedServer.allCases)
    func nobodyPassesWithoutCredentialsWhereAPermissionIsNeeded(server: PublishedServer) async throws {
        let (responder, routes) = try server.server()
        for operation in routes.map({ Operation($0) }) where operation.permission != nil {
            let answer = await responder.respond(to: HTTPRequest(operation.method, operation.sampleTarget))
            #expect(answer.status == .unauthorized, "\(operation.name)")
        }
    }

    @Test(arguments: PublishedServer.allCases.filter { $0 != .inferenceGateway })
    func theREADMETellsOfEveryRoute(server: PublishedServer) throws {
        let text = try String(contentsOfFile: CheckedInDocument(server.readmePath).path, encoding: .utf8)
        for operation in try server.server().routes.map({ Operation($0) }) {
            if ControlPlane.APIDocument.isCommon(operation.path) { continue }
            #expect(text.contains("`\(operation.name)`"), "\(operation.name)")
        }
    }

    @Test func theGatewayAnswersWhatItsDocumentSaysOfTheDataPath() throws {
        let documented = try Operation.all(in: PublishedServer.inferenceGateway.document).filter(\.isOfTheDataPath)
        #expect(documented.allSatisfy { $0.permission == nil })
        let targets = documented.map { (name: $0.name, target: RequestTarget($0.sampleTarget)) }
        for (name, target) in targets {
            switch target {
            case .unknown, .unsafePath: Issue.record("the gateway does not know \(name)")
            case .modelList, .modelEntry, .openAI, .openInference, .service: break
            }
        }
        #expect(targets.contains { $0.target == .modelList } && targets.contains { $0.target == .openAI })
        #expect(Set(documented.filter { $0.path == "/services/{name}/{path}" }.map(\.method)).count == 5)
    }
}
