import EventLoop
import HTTP

extension ClientConnection {
    /// Ends an exchange that has not ended properly, and the connection with it.
    func fail(_ reason: String, as bodyError: HTTPBodyError? = nil, on loop: isolated EventLoop) {
        if phase == .exchanging, !exchange.isOver {
            if exchange.head == nil {
                exchange.failure = .failed(reason)
            } else {
                exchange.bodyError = bodyError ?? .incomplete(reason)
            }
        }
        close(on: loop)
    }

    /// The body of the request cannot be sent to its end, which is not the server's doing.
    func requestBodyFailed(_ error: HTTPBodyError, on loop: isolated EventLoop) {
        if exchange.head == nil, !exchange.isOver { exchange.failure = .requestBodyFailed(error) }
        fail("the body of the request broke off", as: .requestBodyFailed(error), on: loop)
    }

    func exchangeTimedOut(on loop: isolated EventLoop) {
        if exchange.head == nil {
            exchange.failure = .timedOut(
                writeDeadline <= loop.now ? "the server takes nothing of the request" : "no response in time")
        }
        fail("no response in time", as: .tooSlow("nothing of the body came in time"), on: loop)
    }

    /// Ends an exchange whose task was cancelled or whose body nobody wants.
    func abort(_ number: UInt64, on loop: isolated EventLoop) {
        guard number == exchange.number, exchange.isHeld else { return }
        exchange.received = []
        if !exchange.isOver {
            if exchange.head == nil { exchange.failure = .cancelled } else { exchange.bodyError = .cancelled }
            close(on: loop)
        }
    }

    /// The reader of the body is gone.
    func drop(_ number: UInt64, on loop: isolated EventLoop) {
        guard number == exchange.number, exchange.isHeld else { return }
        abort(number, on: loop)
        letGo(on: loop)
        finish(on: loop)
    }

    /// What it held would be taken for the answer to the next request.
    private var kernelHoldsNothing: Bool {
        hasUnreadInput = socket.peek() != .wouldBlock
        return !hasUnreadInput
    }

    /// After the whole response: keeps the connection, if both sides are at the end of the exchange.
    func finish(on loop: isolated EventLoop) {
        guard phase == .exchanging else { return }
        guard exchange.requestIsSent, inbound.isEmpty, !exchange.serverHasClosed, exchange.head?.keepAlive == true,
            !hasUnreadInput || kernelHoldsNothing
        else {
            close(on: loop)
            return
        }
        upload = nil
        inbound.trim()
        phase = .idle
        deadline = loop.now + pool.times.idle
        armTimer(on: loop)
        pool.release(self, on: loop)
    }
}
