import Domain
import HTTP
import InferenceGatewayCore
import Lifecycle
import Synchronization

/// Asks busy engines how long their own queues are, and sends each as many requests at once as it works on.
///
/// Only of services whose concurrency nobody has set, and only engines that tell: others get any number. Each engine
/// has its own look: one that takes long to answer holds up no other.
final class EngineLoadReader: BackgroundTask {
    static let interval: Duration = .seconds(1)
    /// Long, because an engine with much to do takes seconds to tell of it.
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(8), idle: .seconds(2))
    static let maximumMetricsBytes = 1 << 20
    /// Requests that an instance has at least before it is asked: fewer do not queue.
    static let busyFrom = 2
    /// How long an engine that does not tell is not asked again.
    static let silence: Duration = .seconds(300)
    /// Engines that are asked at the same time.
    static let width = 64

    private struct Known {
        var concurrency = LearnedConcurrency()
        var silentUntil: ContinuousClock.Instant?
        /// When it was asked last.
        var askedAt: ContinuousClock.Instant?
        var isBeingAsked = false
    }

    private struct State {
        var known: [ModelServiceInstanceID: Known] = [:]
        /// How many are being asked.
        var underway = 0
    }

    private enum Place {
        case taken
        /// It is being asked already.
        case notNeeded
        case noneFree
    }

    let name = "engine loads"

    private let routes: CurrentRoutes
    private let plain: any HTTPTransport
    private let secure: any HTTPTransport
    private let interval: Duration
    private let state = Mutex(State())
    private let loop = StoppableTask()

    init(
        routes: CurrentRoutes, plain: any HTTPTransport, secure: any HTTPTransport, interval: Duration = interval
    ) {
        self.routes = routes
        self.plain = plain
        self.secure = secure
        self.interval = interval
    }

    func run() async {
        await loop.run {
            await withDiscardingTaskGroup { group in
                while (try? await Task.sleep(for: self.interval)) != nil { group.addTask { await self.look() } }
                group.cancelAll()
            }
        }
    }

    func shutDown() { loop.stop() }

    /// One look at all that are busy and are not being asked.
    func look() async {
        await withTaskGroup(of: Void.self) { group in
            for (upstream, queue) in busyUpstreams() {
                var place = takePlace(for: upstream)
                // Others may have all places: the next look is at those whose turn it would be now.
                while place == .noneFree, await group.next() != nil { place = takePlace(for: upstream) }
                if place == .noneFree { break }
                guard place == .taken else { continue }
                group.addTask {
                    await self.look(at: upstream, queue)
                    self.givePlaceBack(of: upstream)
                }
            }
        }
    }

    private func takePlace(for upstream: Upstream) -> Place {
        state.withLock { state in
            let id = upstream.meter.instanceID
            if state.known[id]?.isBeingAsked == true { return .notNeeded }
            guard state.underway < Self.width else { return .noneFree }
            state.underway += 1
            state.known[id, default: Known()].isBeingAsked = true
            state.known[id]?.askedAt = .now
            return .taken
        }
    }

    private func givePlaceBack(of upstream: Upstream) {
        state.withLock { state in
            state.underway -= 1
            state.known[upstream.meter.instanceID]?.isBeingAsked = false
        }
    }

    /// Those that have waited longest for a look come first.
    private func busyUpstreams() -> [(upstream: Upstream, queue: ServiceQueue)] {
        let now = ContinuousClock.now
        let routes = routes.table.routes
        return state.withLock { state in
            var present: Set<ModelServiceInstanceID> = []
            var busy: [(upstream: Upstream, queue: ServiceQueue, askedAt: ContinuousClock.Instant?)] = []
            for route in routes where route.traffic.concurrency == nil {
                for upstream in route.upstreams {
                    let id = upstream.meter.instanceID
                    present.insert(id)
                    guard upstream.outstanding >= Self.busyFrom || upstream.concurrency != nil else { continue }
                    let known = state.known[id]
                    if let silentUntil = known?.silentUntil, now < silentUntil { continue }
                    busy.append((upstream, route.queue, known?.askedAt))
                }
            }
            state.known = state.known.filter { present.contains($0.key) || $0.value.isBeingAsked }
            return busy.sorted { left, right in
                guard let second = right.askedAt else { return false }
                return left.askedAt.map { $0 < second } ?? true
            }.map { ($0.upstream, $0.queue) }
        }
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
            state.withLock { state in
                state.known[id]?.concurrency = LearnedConcurrency()
                state.known[id]?.silentUntil = .now + Self.silence
            }
            limit = nil
        case .load(let load):
            upstream.tell(of: load)
            limit = state.withLock { state in
                state.known[id]?.silentUntil = nil
                state.known[id]?.concurrency.look(at: load, outstanding: upstream.outstanding)
                return state.known[id]?.concurrency.limit
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
