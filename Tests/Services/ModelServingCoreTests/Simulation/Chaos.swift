import Domain
import ModelServingCore
import Synchronization
import TestSupport

/// Time and chance of a simulated run, and how often things go wrong in it. One seed decides about everything.
final class Chaos: Sendable {
    private struct State {
        var generator: SeededGenerator
        var now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
        var faultPercent = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64, faultPercent: Int = 0) {
        state = Mutex(State(generator: SeededGenerator(seed: seed), faultPercent: faultPercent))
    }

    var ambient: Ambient { Ambient(now: { self.now }, random: { self.random() }) }

    var now: Timestamp { state.withLock { $0.now } }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    func advance(to time: Timestamp) { state.withLock { $0.now = max($0.now, time) } }

    func turn(percent: Int) { state.withLock { $0.faultPercent = percent } }

    /// From now on nothing goes wrong any more.
    func calmDown() { turn(percent: 0) }

    func random() -> UInt64 { state.withLock { $0.generator.next() } }

    func random(in range: ClosedRange<Int>) -> Int {
        state.withLock { .random(in: range, using: &$0.generator) }
    }

    func chance(percent: Int) -> Bool { random(in: 1...100) <= percent }

    /// Whether the thing about to be done fails.
    func strikes() -> Bool {
        let percent = state.withLock { $0.faultPercent }
        return percent > 0 && chance(percent: percent)
    }
}
