import HTTP
import InferenceGatewayCore
import JSON
import Synchronization
import Testing

@testable import InferenceGateway

@Suite struct FlowControlTests {
    /// Engines that answer when the test says so.
    private final class Gate: Sendable {
        private let state = Mutex((waiting: [CheckedContinuation<Void, Never>](), isOpen: false, most: 0, now: 0))

        var most: Int { state.withLock { $0.most } }
        var atWork: Int { state.withLock { $0.now } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.now += 1
                    state.most = max(state.most, state.now)
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            state.withLock { $0.now -= 1 }
        }

        func open() {
            let all = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in all { continuation.resume() }
        }
    }

    private func gateway(_ gate: Gate, queue: QueueLimits = QueueLimits()) -> GatewayFixture {
        let gateway = GatewayFixture { _, _ in
            await gate.pass()
            return HTTPResponse(.ok, body: HTTPBody("done"))
        }
        var traffic = RouteTable.Entry.Traffic()
        traffic.concurrency = 2
        traffic.queue = queue
        gateway.routes.replace(with: [GatewayFixture.entry("chat", instances: [1], traffic: traffic)])
        return gateway
    }

    @Test func anInstanceIsAtWorkOnNoMoreThanItTakesAndTheRestWaits() async {
        let gate = Gate()
        let gateway = gateway(gate)
        await withTaskGroup(of: HTTPStatus.self) { group in
            for _ in 0..<20 { group.addTask { await gateway.send(.post, "/services/chat/x").status } }
            while gateway.routes.table["chat"]?.queue.snapshot.waiting != 18 || gate.atWork != 2 { await Task.yield() }
            gate.open()
            for await status in group { #expect(status == .ok) }
        }
        #expect(gate.most == 2)
        #expect(gateway.routes.table["chat"]?.upstreams.first?.outstanding == 0)
        #expect(gateway.routes.table["chat"]?.queue.snapshot.waits.count == 18)
    }

    @Test func aFullQueueSaysSoAtOnce() async throws {
        let gate = Gate()
        let gateway = gateway(gate, queue: QueueLimits(length: 0))
        let busy = (0..<2).map { _ in Task { await gateway.send(.post, "/services/chat/x").status } }
        while gate.atWork != 2 { await Task.yield() }
        let refused = await gateway.send(
            .post, "/v1/chat/completions", body: HTTPBody(#"{"model":"chat"}"#))
        #expect(refused.status == .tooManyRequests)
        #expect(refused.fields["Retry-After"] == "1")
        #expect(try await refused.json().objectValue?["error"]?.objectValue?["code"] == "queue_full")
        gate.open()
        for task in busy { #expect(await task.value == .ok) }
    }

    @Test func whoWaitsTooLongIsToldSo() async throws {
        let gate = Gate()
        let gateway = gateway(gate, queue: QueueLimits(wait: .milliseconds(10)))
        let busy = (0..<2).map { _ in Task { await gateway.send(.post, "/services/chat/x").status } }
        while gate.atWork != 2 { await Task.yield() }
        let refused = await gateway.send(.post, "/services/chat/x")
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.fields["Retry-After"] == "1")
        gate.open()
        for task in busy { #expect(await task.value == .ok) }
    }
}
