import Domain
import HTTP
import InferenceGatewayCore
import Synchronization

/// Asks busy engines how long their own queues are, and sends each as many requests at once as it works on.
///
/// Only of services whose concurrency nobody has set, and only engines that tell: others get any number.
final class EngineLoadReader: Sendable {
    static let interval: Duration = .seconds(1)
    /// Long, because an engine with much to do takes seconds to tell of it.
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(8), idle: .seconds(2))
    static let maximumMetricsBytes = 1 << 20
    /// Requests that an instance has at least before it is asked: fewer do not queue.
    static let busyFrom = 2
    /// How long an engine that does not tell is not asked again.
    static let silence: Duration = .seconds(300)
    /// Engines that are asked at the same time.
    static let width = 16

    private struct Known {
        var concurrency = LearnedConcurrency()
        var silentUntil: ContinuousClock.Instant?
    }

    private let routes: CurrentRoutes
    private let plain: any HTTPTransport
    private let secure: any HTTPTransport
    private let known = Mutex<[ModelServiceInstanceID: Known]>([:])

    init(routes: CurrentRoutes, plain: any HTTPTransport, secure: any HTTPTransport) {
        self.routes = routes
        self.plain = plain
        self.secure = secure
    }

    /// One look at all that are busy.
    func look() async {
        let busy = busyUpstreams()
        await withTaskGroup(of: Void.self) { group in
            for (index, (upstream, queue)) in busy.enumerated() {
                if index >= Self.width { await group.next() }
                group.addTask { await self.look(at: upstream, queue) }
            }
        }
    }

    private func busyUpstreams() -> [(Upstream, ServiceQueue)] {
        let now = ContinuousClock.now
        var present: Set<ModelServiceInstanceID> = []
        var busy: [(Upstream, ServiceQueue)] = []
        for route in routes.table.routes where route.traffic.concurrency == nil {
            for upstream in route.upstreams {
                present.insert(upstream.meter.instanceID)
                guard upstream.outstanding >= Self.busyFrom || upstream.concurrency != nil else { continue }
                let silentUntil = known.withLock { $0[upstream.meter.instanceID]?.silentUntil }
                if let silentUntil, now < silentUntil { continue }
                busy.append((upstream, route.queue))
            }
        }
        known.withLock { known in known = known.filter { present.contains($0.key) } }
        return busy
    }

    private enum Look {
        case load(EngineLoad)
        /// It answers, and does not tell.
        case silent
        case noAnswer
    }

    private func look(at upstream: Upstream, _ queue: ServiceQueue) async {
        let id = upstream.meter.instanceID
        let limit: Int?
        switch await ask(upstream) {
        case .noAnswer: return
        case .silent:
            upstream.tell(of: nil)
            known.withLock { $0[id] = Known(silentUntil: .now + Self.silence) }
            limit = nil
        case .load(let load):
            upstream.tell(of: load)
            limit = known.withLock { known in
                var state = known[id] ?? Known()
                state.silentUntil = nil
                state.concurrency.look(at: load, outstanding: upstream.outstanding)
                known[id] = state
                return state.concurrency.limit
            }
        }
        guard limit != upstream.concurrency else { return }
        upstream.restrict(to: limit)
        queue.placeIsFree()
    }

    private func ask(_ upstream: Upstream) async -> Look {
        do {
            let transport = upstream.address.isTLS ? secure : plain
            let response = try await transport.send(
                HTTPRequest(
                    .get, upstream.address.pathPrefix + "/metrics", fields: ["Accept": "text/plain"]),
                to: HTTPOrigin(upstream.address), deadlines: Self.deadlines)
            let text = try await response.body.collect(limitBytes: Self.maximumMetricsBytes)
            guard response.status == .ok else { return .silent }
            return EngineLoad(metrics: String(decoding: text, as: UTF8.self)).map { .load($0) } ?? .silent
        } catch {
            return .noAnswer
        }
    }
}
