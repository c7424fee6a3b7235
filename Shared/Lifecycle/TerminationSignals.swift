import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT, turned into something to wait for.
///
/// Made once, first thing in `main`. SIGPIPE is ignored too: a broken connection is an error of its write.
public final class TerminationSignals: Sendable {
    private let arrived = FirstResult<String?>()
    // Kept alive as long as the process; their handlers run on Dispatch's own queue.
    private let sources: Mutex<[any DispatchSourceSignal]>

    /// - Parameter andHangUp: SIGHUP counts too. For what belongs to a terminal, and ends when it is closed.
    public init(andHangUp: Bool = false) {
        signal(SIGPIPE, SIG_IGN)
        let arrived = arrived
        let numbers = [("SIGTERM", SIGTERM), ("SIGINT", SIGINT)] + (andHangUp ? [("SIGHUP", SIGHUP)] : [])
        sources = Mutex(
            numbers.map { name, number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number)
                source.setEventHandler { arrived.settle(name) }
                source.resume()
                return source
            })
    }

    /// The first signal's name; nil if the waiting task was cancelled. One waiter at a time.
    public func first() async -> String? {
        await withTaskCancellationHandler {
            await arrived.value()
        } onCancel: {
            arrived.settle(nil)
        }
    }

    /// Acts as if the signal had come: for tests, and for a shutdown that is asked for over the network.
    public func trigger(_ name: String) { arrived.settle(name) }
}
