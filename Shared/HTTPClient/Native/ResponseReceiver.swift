import EventLoop
import HTTP

/// Waits for a response without a task.
public protocol ResponseReceiver: AnyObject {
    /// Its head is in; its body is, or streams behind it.
    ///
    /// Either this or `failed` is called once, on the loop that the exchange began on, and never from within `begin`.
    func received(_ response: consuming HTTPResponse, on loop: isolated EventLoop)

    func failed(_ failure: ExchangeFailure, on loop: isolated EventLoop)
}

/// Why an exchange failed, and whether it may be tried again.
public struct ExchangeFailure: Error, Sendable {
    public let error: HTTPTransportError
    /// The server had closed the connection for its age: the request can go out on another one.
    public let mayRepeat: Bool
}

extension ClientConnection: SignalHandler {
    func begin(
        _ request: HTTPRequest, _ deadlines: HTTPDeadlines, _ receiver: any ResponseReceiver,
        on loop: isolated EventLoop
    ) -> ExchangeReference {
        let started = start(request, deadlines, on: loop)
        self.receiver = receiver
        signal.notify(self, on: loop)
        if !awaitsHead { signal.fire() }
        return started
    }

    func signalled(on loop: isolated EventLoop) {
        guard awaitsHead else { return tellReceiver(on: loop) }
        // It may be the call for an exchange before this one, which was interrupted.
        if receiver != nil, !signal.isAwaited { signal.notify(self, on: loop) }
    }

    /// Ends an exchange at once, if its response is not there yet.
    fileprivate func interrupt(_ number: UInt64, on loop: isolated EventLoop) {
        guard number == exchange.number, receiver != nil else { return }
        if !exchange.isOver { abort(number, on: loop) }
        tellReceiver(on: loop)
    }

    private func tellReceiver(on loop: isolated EventLoop) {
        guard let receiver = receiver.take() else { return }
        let started = ExchangeReference(connection: reference, number: exchange.number)
        do throws(ExchangeFailure) {
            receiver.received(try response(started, on: loop), on: loop)
        } catch {
            receiver.failed(error, on: loop)
        }
    }
}

extension ExchangeReference {
    /// Ends the exchange; its receiver is told so, or gets the response if that is there, before this returns. Does
    /// nothing once it was told.
    public func interrupt(on loop: isolated EventLoop) {
        connection?.object(on: loop)?.interrupt(number, on: loop)
    }
}
