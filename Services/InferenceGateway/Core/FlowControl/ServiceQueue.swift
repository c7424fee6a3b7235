import Domain
import Synchronization

/// The requests of one service that wait because every instance is at work on as many as it takes.
///
/// It outlives route tables: whoever waits is served by the instances of the newest one.
public final class ServiceQueue: Sendable {
    /// Requests that cannot be served now and are passed over, for one that can.
    static let maximumPassedOver = 16

    private struct State {
        var queue = FairQueue<EndpointTokenID?, WaitingRequest>()
        var balancer: Balancer
        var limits: QueueLimits
        var waits = DurationHistogram()
    }

    public struct Snapshot: Sendable {
        public let waiting: Int
        /// Of those that waited and got their turn.
        public let waits: DurationHistogram
    }

    private let service: String
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>
    private let waiting = Atomic<Int>(0)

    init(
        service: String, balancer: Balancer, limits: QueueLimits,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.service = service
        self.now = now
        state = Mutex(State(balancer: balancer, limits: limits))
    }

    public var snapshot: Snapshot { state.withLock { Snapshot(waiting: $0.queue.count, waits: $0.waits) } }

    /// The service's instances as of now, which may be others than those of the route that a request came by.
    public var balancer: Balancer { state.withLock { $0.balancer } }

    /// Waits for a turn.
    ///
    /// - Parameter owner: whose lane it is; nil for callers without a token.
    /// - Throws: `.queueFull`, `.queuedTooLong`, `.noReadyInstance` if the last instance goes meanwhile, `.clientGone`
    ///   if the task is cancelled.
    public func turn(of owner: EndpointTokenID?, _ asked: Balancer.Asked) async throws(Refusal) -> Upstream {
        let request = WaitingRequest(owner: owner, asked: asked)
        let began = now()
        await request.sleep(atMost: try enter(request))
        switch leave(request) {
        case .turn(let upstream):
            guard !Task.isCancelled else {
                upstream.end()
                placeIsFree()
                throw .clientGone
            }
            let wait = began.duration(to: now())
            state.withLock { $0.waits.record(wait) }
            return upstream
        case .refused(let refusal): throw refusal
        case nil: throw Task.isCancelled ? .clientGone : .queuedTooLong(service: service)
        }
    }

    /// An instance has ended a request, or takes more of them. Costs a look at a number if nobody waits.
    public func placeIsFree() {
        guard waiting.load(ordering: .sequentiallyConsistent) > 0 else { return }
        for request in state.withLock({ serve(&$0) }) { request.wake() }
    }

    /// The service's instances and limits are others now.
    func adopt(_ balancer: Balancer, _ limits: QueueLimits) {
        let awake = state.withLock { state in
            state.balancer = balancer
            state.limits = limits
            return serve(&state)
        }
        for request in awake { request.wake() }
    }

    /// - Returns: how long to wait at most.
    private func enter(_ request: WaitingRequest) throws(Refusal) -> Duration {
        let (wait, awake) = state.withLock { state -> (Duration?, [WaitingRequest]) in
            var displaced: WaitingRequest?
            if state.queue.count >= state.limits.length {
                displaced = state.queue.makeRoom(for: request.owner)
                displaced?.result = .refused(.queueFull(service: service))
                if displaced == nil { return (nil, []) }
            }
            state.queue.append(request, of: request.owner)
            waiting.store(state.queue.count, ordering: .sequentiallyConsistent)
            // A place may have come free since the request found none.
            return (state.limits.wait, serve(&state) + (displaced.map { [$0] } ?? []))
        }
        for other in awake { other.wake() }
        guard let wait else { throw .queueFull(service: service) }
        return wait
    }

    private func leave(_ request: WaitingRequest) -> WaitingRequest.Outcome? {
        state.withLock { state in
            if state.queue.remove(request, of: request.owner) {
                waiting.store(state.queue.count, ordering: .sequentiallyConsistent)
            }
            return request.result
        }
    }

    /// Gives free places away, in turn.
    /// - Returns: those to wake.
    private func serve(_ state: inout State) -> [WaitingRequest] {
        var awake: [WaitingRequest] = []
        while let request = next(state) {
            state.queue.serve(request, of: request.owner)
            awake.append(request)
        }
        waiting.store(state.queue.count, ordering: .sequentiallyConsistent)
        return awake
    }

    /// The first in turn that can be served now, with its result. One that is repeated, and whose other instances are
    /// all busy, keeps its turn and holds nobody up.
    private func next(_ state: State) -> WaitingRequest? {
        var passedOver = 0
        for request in state.queue.inTurn {
            switch state.balancer.choose(request.asked, now: now) {
            case .taken(let upstream):
                request.result = .turn(upstream)
                return request
            case .nobodyLeft:
                request.result = .refused(.noReadyInstance(service: service))
                return request
            case .allBusy:
                // It could have gone anywhere, so nobody behind it finds a place either.
                if request.asked.tried.isEmpty { return nil }
                passedOver += 1
                if passedOver >= Self.maximumPassedOver { return nil }
            }
        }
        return nil
    }
}
