import Contracts
import Domain
import FoundationEssentials
import HTTP
import InferenceGatewayCore
import Observability

/// Tells ModelServing which routes this gateway goes by, and which instances it has requests left at after they went
/// out of the routes: whenever that changes, and every `interval` so that it is known to be there.
struct DrainReporter: ~Copyable {
    static let interval: Duration = .seconds(3)
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(2), idle: .seconds(1))
    /// A request that chose an instance just before it went out of the routes is at it by then.
    static let grace: Duration = .seconds(1)

    private let gatewayID: String
    private let transport: any HTTPTransport
    private let origin: HTTPOrigin
    private let key: String
    private let logger: Logger
    private var departed: [(upstream: Upstream, since: ContinuousClock.Instant)] = []
    private var last: (report: GatewayReport, time: ContinuousClock.Instant)?
    private var failures = 0

    init(gatewayID: String, transport: any HTTPTransport, origin: HTTPOrigin, key: String, logger: Logger) {
        self.gatewayID = gatewayID
        self.transport = transport
        self.origin = origin
        self.key = key
        self.logger = logger
    }

    /// These get no new requests from now on.
    mutating func watch(_ upstreams: [Upstream]) {
        departed += upstreams.map { (upstream: $0, since: .now) }
    }

    /// - Parameter versions: of the routes in force.
    mutating func report(_ versions: [Int: Int64]) async {
        let now = ContinuousClock.now
        departed.removeAll { $0.upstream.outstanding == 0 && now - $0.since > Self.grace }
        let busy = Set(departed.filter { $0.upstream.outstanding > 0 }.map(\.upstream.meter.instanceID))
        let report = GatewayReport(
            gatewayID: gatewayID, versions: RouteShardsDocument.query(versions),
            busyInstances: Array(busy.sorted().prefix(GatewayReport.maximumInstances)))
        if let last, last.report == report, now - last.time < Self.interval { return }
        if await send(report) {
            last = (report, now)
            failures = 0
        } else {
            last = nil
            failures += 1
        }
    }

    private func send(_ report: GatewayReport) async -> Bool {
        do {
            let fields: HTTPFields = [
                "Authorization": "Bearer \(key)", "Accept": "application/json",
                "Content-Type": "application/json",
            ]
            let body = Array(try JSONEncoder().encode(report))
            let request = HTTPRequest(.post, "/gateway_reports", fields: fields, body: .bytes(body))
            let response = try await transport.send(request, to: origin, deadlines: Self.deadlines)
            _ = try await response.body.collect(limitBytes: 1 << 16)
            if (200..<300).contains(response.status.code) { return true }
            if failures % 100 == 0 {
                logger.warning("this gateway is not waited for", ["status": "\(response.status)"])
            }
        } catch {
            if failures % 100 == 0, !Task.isCancelled {
                logger.warning("this gateway is not waited for", ["error": "\(error)"])
            }
        }
        return false
    }
}
