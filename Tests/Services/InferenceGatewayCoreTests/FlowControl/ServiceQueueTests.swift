import Domain
import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct ServiceQueueTests {
    private static let ana = EndpointTokenID(UUIDv7(high: 1, low: 1))
    private static let ben = EndpointTokenID(UUIDv7(high: 1, low: 2))

    private let upstreams = RouteTable.upstreams(1)
    private let queue: ServiceQueue

    /// One instance that takes one request at once, and is at it.
    init() {
        upstreams[0].restrict(to: 1)
        queue = Self.queue(upstreams)
        #expect(upstreams[0].begin())
    }

    private static func queue(_ upstreams: [Upstream], length: Int = 3, wait: Duration = .seconds(60)) -> ServiceQueue {
        ServiceQueue(
            service: "chat", balancer: Balancer(upstreams, percents: nil),
            limits: QueueLimits(length: length, wait: wait))
    }

    private func waiting(_ count: Int, in queue: ServiceQueue) async {
        while queue.snapshot.waiting != count { await Task.yield() }
    }

    private func ask(
        _ queue: ServiceQueue, _ owner: EndpointTokenID? = nil, tried: [Upstream] = []
    ) -> Task<Result<Upstream, Refusal>, Never> {
        Task {
            do throws(Refusal) {
                return .success(try await queue.turn(of: owner, Balancer.Asked(random: 1, tried: tried)))
            } catch {
                return .failure(error)
            }
        }
    }

    private func refusal(_ task: Task<Result<Upstream, Refusal>, Never>) async -> Refusal? {
        if case .failure(let refusal) = await task.value { return refusal }
        return nil
    }

    @Test func whoWaitsGetsThePlaceThatComesFree() async {
        let one = ask(queue)
        await waiting(1, in: queue)
        upstreams[0].end()
        queue.placeIsFree()
        #expect((try? await one.value.get()) === upstreams[0])
        #expect(upstreams[0].outstanding == 1)
        #expect(queue.snapshot.waits.count == 1)
    }

    @Test func aPlaceThatCameFreeInBetweenIsNotMissed() async {
        upstreams[0].end()
        #expect((try? await ask(queue).value.get()) === upstreams[0])
    }

    @Test func tokensTakeTurns() async {
        let first = ask(queue, Self.ana)
        await waiting(1, in: queue)
        let second = ask(queue, Self.ana)
        await waiting(2, in: queue)
        let other = ask(queue, Self.ben)
        await waiting(3, in: queue)
        upstreams[0].end()
        queue.placeIsFree()
        _ = await first.value
        upstreams[0].end()
        queue.placeIsFree()
        _ = await other.value
        #expect(queue.snapshot.waiting == 1)
        upstreams[0].end()
        queue.placeIsFree()
        #expect((try? await second.value.get()) != nil)
    }

    @Test func aFullQueueRefusesAtOnceAndWhoFilledItMakesRoomForOthers() async {
        var flood: [Task<Result<Upstream, Refusal>, Never>] = []
        for count in 1...3 {
            flood.append(ask(queue, Self.ana))
            await waiting(count, in: queue)
        }
        #expect(await refusal(ask(queue, Self.ana)) == .queueFull(service: "chat"))
        let other = ask(queue, Self.ben)
        #expect(await refusal(flood[2]) == .queueFull(service: "chat"))
        #expect(queue.snapshot.waiting == 3)
        for task in flood + [other] { task.cancel() }
        await waiting(0, in: queue)
    }

    @Test func nobodyWaitsLongerThanTheLimit() async {
        let queue = Self.queue(upstreams, wait: .milliseconds(20))
        #expect(await refusal(ask(queue)) == .queuedTooLong(service: "chat"))
        #expect(queue.snapshot.waiting == 0)
    }

    @Test func whoLeavesHoldsNothing() async {
        let one = ask(queue)
        await waiting(1, in: queue)
        one.cancel()
        #expect(await refusal(one) == .clientGone)
        #expect(queue.snapshot.waiting == 0)
        upstreams[0].end()
        queue.placeIsFree()
        #expect(upstreams[0].outstanding == 0)
    }

    @Test func aNewInstanceServesWhoWaits() async {
        let one = ask(queue)
        await waiting(1, in: queue)
        let more = RouteTable.upstreams(2)
        queue.adopt(Balancer([upstreams[0], more[1]], percents: nil), QueueLimits())
        #expect((try? await one.value.get()) === more[1])
    }

    /// Two instances that take one request each, and are at it.
    private func busyTwins() -> [Upstream] {
        let twins = RouteTable.upstreams(2)
        for twin in twins {
            twin.restrict(to: 1)
            #expect(twin.begin())
        }
        return twins
    }

    @Test(arguments: [nil, ben]) func whoWaitsForOneInstanceHoldsNobodyUpWhoCanGoElsewhere(
        owner: EndpointTokenID?
    ) async {
        let twins = busyTwins()
        let queue = Self.queue(twins)
        let again = ask(queue, tried: [twins[0]])
        await waiting(1, in: queue)
        let other = ask(queue, owner)
        await waiting(2, in: queue)
        twins[0].end()
        queue.placeIsFree()
        #expect((try? await other.value.get()) === twins[0])
        #expect(queue.snapshot.waiting == 1)
        twins[1].end()
        queue.placeIsFree()
        #expect((try? await again.value.get()) === twins[1])
    }

    @Test func whoIsPassedOverKeepsItsTurn() async {
        let twins = busyTwins()
        let queue = Self.queue(twins, length: 10)
        let again = ask(queue, Self.ana, tried: [twins[0]])
        await waiting(1, in: queue)
        let others = [ask(queue, Self.ben), ask(queue, Self.ben)]
        await waiting(3, in: queue)
        twins[0].end()
        queue.placeIsFree()
        while queue.snapshot.waiting == 3 { await Task.yield() }
        twins[1].end()
        queue.placeIsFree()
        #expect((try? await again.value.get()) === twins[1])
        #expect(queue.snapshot.waiting == 1)
        for other in others { other.cancel() }
        await waiting(0, in: queue)
    }

    @Test func noMoreThanSoManyArePassedOver() async {
        let twins = busyTwins()
        let queue = Self.queue(twins, length: 100)
        var waiters: [Task<Result<Upstream, Refusal>, Never>] = []
        for count in 1...ServiceQueue.maximumPassedOver {
            waiters.append(ask(queue, tried: [twins[0]]))
            await waiting(count, in: queue)
        }
        waiters.append(ask(queue))
        await waiting(waiters.count, in: queue)
        twins[0].end()
        queue.placeIsFree()
        #expect(queue.snapshot.waiting == waiters.count)
        waiters[0].cancel()
        await waiting(waiters.count - 1, in: queue)
        queue.placeIsFree()
        #expect((try? await waiters[waiters.count - 1].value.get()) === twins[0])
        for waiter in waiters { waiter.cancel() }
        await waiting(0, in: queue)
    }

    @Test func withoutAnyInstanceNobodyIsLeftWaiting() async {
        let one = ask(queue)
        await waiting(1, in: queue)
        queue.adopt(Balancer([], percents: nil), QueueLimits())
        #expect(await refusal(one) == .noReadyInstance(service: "chat"))
    }

    @Test func manyAtOnceNeverExceedWhatTheInstanceTakes() async {
        let queue = Self.queue(upstreams, length: 1000)
        upstreams[0].restrict(to: 4)
        let upstream = upstreams[0]
        upstream.end()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    guard (try? await queue.turn(of: nil, Balancer.Asked(random: 1))) != nil else { return false }
                    let isWithin = upstream.outstanding <= 4
                    await Task.yield()
                    upstream.end()
                    queue.placeIsFree()
                    return isWithin
                }
            }
            for await isWithin in group { #expect(isWithin) }
        }
        #expect(upstream.outstanding == 0)
        #expect(queue.snapshot.waiting == 0)
    }
}
