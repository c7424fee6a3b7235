import JSON
import Testing

/// One thing that somebody tries, as bytes on a connection.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    /// What it may be answered with.
    let statuses: Set<Int>
    let wire: @Sendable (AttackedServer) -> String

    var testDescription: String { name }

    init(_ name: String, _ statuses: Set<Int>, _ wire: @escaping @Sendable (AttackedServer) -> String) {
        self.name = name
        self.statuses = statuses
        self.wire = wire
    }

    /// Reads bob's model with fields of the attacker's making.
    static func reading(
        _ name: String, _ statuses: Set<Int>, _ fields: @escaping @Sendable (AttackedServer) -> [String]
    ) -> Attack {
        Attack(name, statuses) { request("GET", "/models/\($0.his)", fields($0)) }
    }

    /// Reads bob's model with a token that is to be taken for somebody else's.
    static func token(
        _ name: String, status: Int = 401, _ token: @escaping @Sendable (FixtureIssuer) -> String
    ) -> Attack {
        reading(name, [status]) { ["Authorization: Bearer \(token($0.issuer))"] }
    }

    /// Reads as alice what a path of the attacker's making leads to.
    static func path(
        _ name: String, _ statuses: Set<Int> = [404], _ target: @escaping @Sendable (AttackedServer) -> String
    ) -> Attack {
        Attack(name, statuses) { request("GET", target($0), [alice($0)]) }
    }

    /// Sends JSON as somebody.
    static func posting(
        _ name: String, _ statuses: Set<Int>, as subject: String, method: String = "POST",
        _ target: @escaping @Sendable (AttackedServer) -> String, _ body: String
    ) -> Attack {
        Attack(name, statuses) { server in
            let token = subject == "admin" ? AttackedServer.adminKey : server.issuer.token(for: subject)
            return request(
                method, target(server), ["Authorization: Bearer \(token)", "Content-Type: application/json"], body)
        }
    }

    static func alice(_ server: AttackedServer) -> String {
        "Authorization: Bearer \(server.issuer.token(for: "alice"))"
    }

    static func request(_ method: String, _ target: String, _ fields: [String], _ body: String = "") -> String {
        let own = ["Host: slipway", "Connection: close"] + (body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"])
        return "\(method) \(target) HTTP/1.1\r\n" + (own + fields).map { $0 + "\r\n" }.joined() + "\r\n" + body
    }
}
