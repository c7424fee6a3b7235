import EventLoop
import HTTP

/// A task that answers requests, one after the other, of whichever connections they come from.
///
/// Tasks are kept because a new one for each request cost a tenth of all instructions of a proxied request, most of
/// them for allocating and freeing the memory in which it suspends. They do not belong to connections, so that only
/// requests in flight take that memory, and the one used last, which is still in the cache, is used next.
final class RequestTask: PendingAnswer {
    enum Work {
        case answer(Reply.Answer)
        /// The answer is there, and its head may have gone out.
        case send(UnsentResponse)
    }

    private unowned let server: ServerLoop
    private let context: ConnectionContext
    private var work: Work?
    /// Of the request.
    private var connection: ServerConnection?
    private let signal = LoopSignal()
    private var task: Task<Void, Never>?
    /// A cancelled task stays cancelled: it must not answer anything else.
    private(set) var isCancelled = false
    private var isEnded = false

    init(_ server: ServerLoop) {
        self.server = server
        context = server.context
    }

    func perform(_ work: Work, for connection: ServerConnection, on loop: isolated EventLoop) {
        self.work = work
        self.connection = connection
        guard task == nil else {
            signal.fire()
            return
        }
        task =
            context.tasksPreferLoop
            ? Task.immediate(executorPreference: loop.executor) { await run(on: loop) } : Task { await run(on: loop) }
        // In what it did so far, the client may have been found gone.
        if isCancelled { task?.cancel() }
    }

    private func run(on loop: isolated EventLoop) async {
        while !isEnded {
            guard let connection = connection.take(), let work = work.take() else {
                await signal.wait(on: loop)
                continue
            }
            switch work {
            case .answer(let answer):
                if let unsent = connection.sendAtOnce(await answer(), on: loop) {
                    await connection.send(unsent, on: loop)
                }
            case .send(let unsent): await connection.send(unsent, on: loop)
            }
            // First, because the connection may have its next request at hand.
            server.takeBack(self, on: loop)
            connection.finish(on: loop)
        }
    }

    func clientHasGone(on loop: isolated EventLoop) {
        isCancelled = true
        task?.cancel()
    }

    /// It will get no more requests.
    func end() {
        isEnded = true
        signal.fire()
    }
}
