import EventLoop
import HTTP

/// A responder that can answer without a task: the tasks of a proxied request cost a tenth of its instructions, where
/// nothing is waited for but another connection of the same loop.
public protocol LoopResponder: HTTPResponder {
    /// Begins to answer, on the loop that received the request, and does not wait. The answer follows by `reply`, in
    /// here or later.
    func begin(_ request: consuming HTTPRequest, _ reply: Reply, on loop: isolated EventLoop)
}

/// The way back to the client of one request: exactly one answer goes by it.
public struct Reply {
    /// Runs on the loop, unless its closure has a capture list: of such a one the compiler (Swift 6.3) makes a function
    /// that runs on the pool.
    public typealias Answer = nonisolated(nonsending) @Sendable () async -> HTTPResponse

    private let connection: ServerConnection
    private let number: UInt64

    init(on connection: ServerConnection) {
        self.connection = connection
        number = connection.request.number
    }

    /// Sends what is there; a task sends what is still to come.
    public func send(_ response: HTTPResponse, on loop: isolated EventLoop) {
        takeOver()
        connection.send(response, on: loop)
    }

    /// Has a task answer. It is cancelled when the client goes away.
    public func send(on loop: isolated EventLoop, _ answer: @escaping Answer) {
        takeOver()
        connection.haveTask(.answer(answer), on: loop)
    }

    /// - Parameter pending: is told, at once, if the client goes away before the answer.
    public func wait(_ pending: any PendingAnswer) { connection.pending = pending }

    private func takeOver() {
        // The client of the next request would get it.
        precondition(connection.request.number == number, "a request was answered twice")
        connection.pending = nil
    }
}

/// Who answers a request, and waits for something.
public protocol PendingAnswer: AnyObject {
    /// Nobody waits for the answer any more.
    func clientHasGone(on loop: isolated EventLoop)
}

/// Has each request answered by a task.
struct TaskResponder: LoopResponder {
    private let responder: any HTTPResponder

    init(_ responder: any HTTPResponder) { self.responder = responder }

    func begin(_ request: consuming HTTPRequest, _ reply: Reply, on loop: isolated EventLoop) {
        let request = request
        reply.send(on: loop) { await responder.respond(to: request) }
    }

    func respond(to request: consuming HTTPRequest) async -> HTTPResponse { await responder.respond(to: request) }

    func refuse(_ error: HTTPParseError) -> HTTPResponse? { responder.refuse(error) }
}
