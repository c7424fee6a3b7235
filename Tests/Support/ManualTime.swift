import Domain
import Synchronization

/// A time of day that stands still until somebody moves it.
package final class ManualTime: Sendable {
    private let moment: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(millisecondsSinceEpoch: 1_795_248_000_000)) {
        moment = Mutex(start)
    }

    package var now: Timestamp { moment.withLock { $0 } }

    package func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
