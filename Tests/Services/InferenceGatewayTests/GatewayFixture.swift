import Domain
import HTTP
import InferenceGatewayCore
import JSON

@testable import InferenceGateway

/// A gateway in process, with these services:
/// `open` (public, one instance), `closed` (private, opened by `good`; `late` has expired), `other` (private, opened by
/// `foreign`), `idle` (public, no instance), `twins` (public, two instances), `mounted`
/// (public, one instance that answers below a path).
struct GatewayFixture {
    static let now = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000)

    let routes = CurrentRoutes()
    let polls = RoutePolls()
    let refusals = RefusalMeter()
    let usage = UsageInbox()
    let accessLog: AccessLog
    let transport: FakeTransport
    let responder: GatewayResponder

    init(
        samplePercent: Int = 0,
        _ answer: @escaping FakeTransport.Answer = { _, _ in HTTPResponse(.ok, body: .bytes(Array("hello".utf8))) },
        logTime: @escaping @Sendable () -> Timestamp = { now }
    ) {
        accessLog = AccessLog(samplePercent: samplePercent, now: logTime)
        transport = FakeTransport(answer)
        let numbers = SharedNumberGenerator(seed: 1)
        responder = GatewayResponder(
            routes: routes, polls: polls,
            admission: Admission(sha256: { Self.digest(of: $0) }, now: { Self.now }),
            forwarder: Forwarder(
                plain: transport, secure: transport, numbers: numbers, accessLog: accessLog, usage: usage),
            refusals: refusals, accessLog: accessLog, numbers: numbers)
        routes.replace(with: [
            Self.entry("open", instances: [1]),
            Self.entry(
                "closed", isPublic: false,
                tokens: ["good": .never, "late": .at(Self.now)], instances: [2]),
            Self.entry("other", isPublic: false, tokens: ["foreign": .never], instances: [3]),
            Self.entry("idle"),
            Self.entry("twins", instances: [4, 5]),
            Self.entry("mounted", instances: [6], pathPrefix: "/slipway-chat"),
        ])
    }

    /// Stands for SHA-256: the token's bytes, repeated.
    static func digest(of token: some Collection<UInt8>) -> TokenDigest {
        let bytes = Array(token)
        guard let digest = TokenDigest((0..<TokenDigest.byteCount).map { bytes[$0 % bytes.count] }) else {
            preconditionFailure("32 bytes")
        }
        return digest
    }

    static func entry(
        _ name: String, isPublic: Bool = true, tokens: [String: TokenExpiry] = [:],
        limits: TokenBudget.Limits? = nil, instances: [UInt64] = [], pathPrefix: String = "",
        traffic: RouteTable.Entry.Traffic = RouteTable.Entry.Traffic()
    ) -> RouteTable.Entry {
        RouteTable.Entry(
            serviceID: ModelServiceID(UUIDv7(high: UInt64(now.millisecondsSinceEpoch) << 16 | 0x7000, low: 1)),
            name: name, isPublic: isPublic,
            tokens: Dictionary(
                uniqueKeysWithValues:
                    tokens.map { text, expiry in
                        let id = EndpointTokenID(UUIDv7(high: 1, low: text.utf8.reduce(0) { $0 << 8 | UInt64($1) }))
                        return (digest(of: text.utf8), RouteTable.Entry.Token(id: id, expiry: expiry, limits: limits))
                    }),
            instances: instances.map { id in
                RouteTable.Entry.Instance(
                    id: ModelServiceInstanceID(UUIDv7(high: 1, low: id)), revision: 1,
                    address: UpstreamAddress(host: "10.0.0.\(id)", port: 8000, pathPrefix: pathPrefix))
            }, traffic: traffic)
    }

    func send(
        _ method: HTTPMethod, _ target: String, _ fields: HTTPFields = [:], body: HTTPBody = .empty
    ) async -> HTTPResponse {
        await responder.respond(
            to: HTTPRequest(method, target, fields: fields, body: body, peer: "192.0.2.7:51234"))
    }

    /// The meter of a service's only instance.
    func counts(of service: String) -> InstanceMeter.Snapshot? {
        routes.table[service]?.upstreams.first?.meter.snapshot
    }
}

extension HTTPResponse {
    func text() async throws -> String { String(decoding: try await body.collect(limitBytes: 1 << 20), as: UTF8.self) }

    func json() async throws -> JSONValue { try JSONParser.parse(try await body.collect(limitBytes: 1 << 20)) }
}
