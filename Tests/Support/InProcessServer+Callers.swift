import Access
import Audit
import Authentication
import ControlPlane
import Dapr
import Domain
import HTTP
import JSON
import Observability

extension InProcessServer {
    /// A server that takes callers for who they say they are.
    /// - Parameters:
    ///   - owners: of the things that the API has, by collection.
    ///   - rules: lines of a policy file, added to those that Slipway brings along.
    package init(
        _ api: ControlPlaneAPI, owners: [String: any OwnerLookup], rules: String, audit: AuditLog? = nil
    ) throws {
        log = RecordingLogSink()
        let time = ManualTime()
        let files = try AccessFiles(
            model: ShippedAccess.text("config/access_model.conf"),
            policy: ShippedAccess.text("config/access_policy.csv") + "\n" + rules)
        responder = ControlPlaneResponder(
            api,
            access: AccessControl(
                authenticator: NamedCallers(), authority: try ShippedAccess.authority(files), owners: owners),
            audit: audit, readiness: Readiness([]), appToken: nil, metrics: MetricsRegistry(),
            logger: Logger(sink: log, level: .debug, now: { time.now }), now: { time.now },
            makeID: IdentifierSource().next,
            mintKey: { id, key in key.map { APIKey.derived(from: "\($0.digest)\n\(id)", secret: "of tests") } ?? .make()
            })
    }

    /// Sends a request of somebody whom such a server knows.
    @discardableResult
    package func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, as caller: String, fields: HTTPFields = [:]
    ) async throws -> Answer {
        var all = fields
        all.append("Authorization", "Bearer \(caller)")
        return try await send(method, target, body, fields: all, asAdmin: false)
    }
}

/// Knows everybody by the name that they send instead of a token.
private struct NamedCallers: Authenticator {
    func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal {
        guard let name = try BearerCredentials.token(in: request.fields) else {
            throw .unauthenticated("Say who you are.")
        }
        return Principal(subject: name, credential: .jwt)
    }
}

extension InProcessServer.Answer {
    /// All that its receiver can tell it from others by, but for the ids of the request.
    package func appearance(without ids: [String]) -> String {
        let names = fields.pairs.map(\.name).filter { $0 != "X-Request-Id" }.sorted().joined(separator: ",")
        var text = text
        if let trace = json["trace_id"]?.stringValue { text = text.replacing(trace, with: "TRACE") }
        for id in ids { text = text.replacing(id, with: "ID") }
        return "\(status) \(names) \(text)"
    }
}
