import Audit
import Authentication
import ControlPlane
import Dapr
import Domain
import HTTP
import JSON
import Observability
import Persistence
import Synchronization

/// A control-plane server without sockets: requests go straight to its responder.
package struct InProcessServer: Sendable {
    package static let adminKey = "admin-key-of-the-tests-0123456789"

    /// An answer, with its body read.
    package struct Answer: Sendable {
        package let status: Int
        package let fields: HTTPFields
        package let text: String

        /// `.null` if the body is no JSON.
        package var json: JSONValue { (try? JSONParser.parse(text)) ?? .null }
        package var code: String? { json["code"]?.stringValue }
        /// The fields that a problem document names.
        package var wrongFields: [String] {
            (json["errors"]?.arrayValue ?? []).compactMap { $0["field"]?.stringValue }
        }
    }

    package let responder: ControlPlaneResponder
    package let log: RecordingLogSink

    package init(
        _ api: ControlPlaneAPI, store: any StateStore, appToken: String? = nil, tokens: JWTAuthentication? = nil,
        owners: [String: any OwnerLookup] = [:], time: ManualTime = ManualTime(), audit: AuditLog? = nil
    ) throws {
        log = RecordingLogSink()
        let authority = try ShippedAccess.authority()
        let authenticator = RequestAuthenticator(
            adminKey: try PresharedKey(Self.adminKey, of: .admin), tokens: tokens, appToken: appToken
        ) { digest throws(ServiceError) in try authority.owner(ofKey: digest, at: time.now) }
        responder = ControlPlaneResponder(
            api,
            access: AccessControl(authenticator: authenticator, authority: authority, owners: owners),
            audit: audit, readiness: Readiness([.stateStore(store)]), appToken: appToken, metrics: MetricsRegistry(),
            logger: Logger(sink: log, level: .debug, now: { time.now }), now: { time.now },
            makeID: IdentifierSource().next,
            mintKey: { id, key in key.map { APIKey.derived(from: "\($0.digest)\n\(id)", secret: "of tests") } ?? .make()
            })
    }

    /// - Parameter fields: added to the admin's credentials and the content type.
    @discardableResult
    package func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, fields: HTTPFields = [:],
        asAdmin: Bool = true
    ) async throws -> Answer {
        var all = fields
        if asAdmin { all.append("Authorization", "Bearer \(Self.adminKey)") }
        if body != nil { all.append("Content-Type", "application/json") }
        let content: HTTPBody = body.map { .bytes(JSONWriter.bytes($0)) } ?? .empty
        return try await send(HTTPRequest(method, target, fields: all, body: content))
    }

    /// Sends a request exactly as it is.
    package func send(_ request: HTTPRequest) async throws -> Answer {
        let response = await responder.respond(to: request)
        let bytes = try await response.body.collect(limitBytes: 16 << 20)
        return Answer(
            status: response.status.code, fields: response.fields, text: String(decoding: bytes, as: UTF8.self))
    }
}

/// Ids in ascending order, a millisecond apart, the same in every run.
package final class IdentifierSource: Sendable {
    private struct State {
        var time: Int64 = 1_795_248_000_000
        var generator = SeededGenerator(seed: 11)
    }

    private let state = Mutex(State())

    package init() {}

    package func next() -> UUIDv7 {
        state.withLock { state in
            state.time += 1
            return UUIDv7(at: Timestamp(millisecondsSinceEpoch: state.time), using: &state.generator)
        }
    }
}
