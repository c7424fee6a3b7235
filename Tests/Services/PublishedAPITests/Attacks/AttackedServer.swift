import ControlPlane
import Domain
import EventLoop
import HTTP
import HTTPServer
import JSON
import ModelManagementCore
import Persistence
import TestSupport
import Testing

@testable import ModelManagement

/// ModelManagement behind a real listener, with a model of alice's and one of bob's. Alice may make models and see her
/// own; mallory may nothing.
struct AttackedServer: Sendable {
    static let appToken = "the-app-token-of-these-tests"
    static let adminKey = InProcessServer.adminKey

    let issuer: FixtureIssuer
    let server: InProcessServer
    let hers: String
    let his: String

    init() async throws {
        issuer = try FixtureIssuer()
        let time = ManualTime(FixtureIssuer.now)
        let store = InMemoryStateStore(now: { time.now })
        let records = RecordStore(store)
        let registry = ModelRegistry(
            repository: DaprModelRepository(records), now: { time.now }, makeID: IdentifierSource().next)
        server = try InProcessServer(
            ControlPlaneAPI(
                routes: ModelManagementAPI.routes(registry, ModelCheck(records, now: { time.now })),
                document: ModelManagementAPI.document),
            store: store, appToken: Self.appToken, tokens: try issuer.authentication,
            owners: ["models": ModelOwners(registry: registry)], time: time)
        for name in ["alice", "bob"] {
            _ = try await server.send(
                .post, "/role_bindings", ["sub": .string(name), "role": "role:model-author"])
        }
        hers = try await Self.model(of: "alice", issuer, server)
        his = try await Self.model(of: "bob", issuer, server)
    }

    private static func model(
        of owner: String, _ issuer: FixtureIssuer, _ server: InProcessServer
    ) async throws -> String {
        let fields: HTTPFields = ["Authorization": "Bearer \(issuer.token(for: owner))"]
        let made = try await server.send(
            .post, "/models", ["name": .string("of-\(owner)")], fields: fields, asAdmin: false)
        return try #require(made.json["id"]?.stringValue, "\(made.text)")
    }

    /// Everything that an attack could have changed.
    func state() async throws -> [String] {
        var texts: [String] = []
        for path in ["/models", "/policies?page_size=500", "/roles?page_size=500", "/role_bindings", "/api_keys"] {
            texts.append(try await server.send(.get, path).text)
        }
        return texts
    }

    /// Sends bytes as they are, and gives what comes until the server closes.
    func exchange(_ wire: String) async throws -> String {
        let group = EventLoopGroup(count: 1)
        let listener = HTTPServer(responder: server.responder, group: group)
        let address = try await listener.start(host: "127.0.0.1", port: 0)
        let peer = TestPeer.connect(to: address, on: group.next())
        await peer.send(wire)
        let answer = await peer.receiveAll()
        await listener.drain(deadline: .zero)
        await group.shutdown()
        return answer
    }
}
