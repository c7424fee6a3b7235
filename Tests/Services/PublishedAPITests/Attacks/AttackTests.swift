import HTTP
import TestSupport
import Testing

/// What people try who want what is not theirs, against a server that listens.
@Suite(.timeLimit(.minutes(5))) struct AttackTests {
    private static let all = Attack.onTokens + Attack.onNames + Attack.onSidecars + Attack.onPaths + Attack.onRules

    @Test(arguments: all) func nobodyGetsWhatIsNotTheirs(attack: Attack) async throws {
        let server = try await AttackedServer()
        let before = try await server.state()
        let answer = try await server.exchange(attack.wire(server))
        let head = answer.prefix { $0 != "\r\n" }.split(separator: " ")
        let status = head.count > 1 ? Int(head[1]) : nil
        #expect(attack.statuses.contains(status ?? 0), "\(answer.prefix(400))")
        #expect(!answer.contains("of-bob"), "bob's model is told of")
        #expect(try await server.state() == before, "something was changed")
        for secret in [
            AttackedServer.appToken, InProcessServer.adminKey, String(decoding: server.issuer.secret, as: UTF8.self),
        ] {
            #expect(!answer.contains(secret))
        }
        if status == 401 {
            #expect(answer.contains("\r\nWWW-Authenticate: Bearer\r\n") && answer.contains("application/problem+json"))
        }
    }

    @Test func thereAreManyAndEachIsAnother() {
        #expect(Self.all.count >= 60)
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
    }

    /// That the table's refusals are not those of a server that refuses everything.
    @Test func whoIsEntitledGetsIn() async throws {
        let server = try await AttackedServer()
        for name in ["RS256", "ES256", "HS256"] {
            let answer = try await server.exchange(
                Attack.request("GET", "/models/\(server.hers)", ["Authorization: bearer \(server.issuer.token(name))"]))
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("of-alice"), "\(answer.prefix(400))")
        }
        let admin = Attack.request(
            "GET", "/models/\(server.his)", ["Authorization: Bearer \(InProcessServer.adminKey)"])
        #expect(try await server.exchange(admin).contains("of-bob"))
        let app = Attack.request(
            "GET", "/models/\(server.his)",
            ["dapr-api-token: \(AttackedServer.appToken)", "dapr-caller-app-id: model-serving"])
        #expect(try await server.exchange(app).contains("of-bob"))
    }
}
