import EventLoop
import HTTP
import HTTPClient
import HTTPServer
import InferenceGatewayCore

/// A request whose answer is waited for without a task: it came whole, and found an instance that is free and a
/// connection that lay idle. All that has to be waited for besides is a task's.
final class LoopExchange: ResponseReceiver, PendingAnswer {
    private let responder: GatewayResponder
    private let forwarding: Forwarding
    private let reply: Reply
    private var begun: (exchange: ExchangeReference, upstream: Upstream)?

    private init(_ responder: GatewayResponder, _ forwarding: Forwarding, _ reply: Reply) {
        self.responder = responder
        self.forwarding = forwarding
        self.reply = reply
    }

    /// Forwards what is admitted.
    static func begin(
        _ responder: GatewayResponder, _ forwarding: Forwarding, _ reply: Reply, on loop: isolated EventLoop
    ) {
        let waiting = LoopExchange(responder, forwarding, reply)
        switch responder.forwarder.begin(forwarding, waiting, on: loop) {
        case .begun(let exchange, let upstream):
            waiting.begun = (exchange, upstream)
            reply.wait(waiting)
        case .taken(let upstream): reply.send(on: loop, responder.waiting(for: forwarding, to: upstream))
        case .mustWait: reply.send(on: loop, responder.waiting(for: forwarding))
        }
    }

    func received(_ response: consuming HTTPResponse, on loop: isolated EventLoop) {
        guard let upstream = begun?.upstream else { return }
        if let answer = responder.forwarder.settle(response, forwarding, upstream, attempts: 1) {
            reply.send(forwarding.complete(answer), on: loop)
        } else {
            reply.send(on: loop, responder.waiting(for: forwarding, tried: [upstream]))
        }
    }

    func failed(_ failure: ExchangeFailure, on loop: isolated EventLoop) {
        guard let upstream = begun?.upstream else { return }
        if failure.mayRepeat { return reply.send(on: loop, responder.waiting(for: forwarding, to: upstream)) }
        do throws(Refusal) {
            try responder.forwarder.react(to: failure.error, forwarding, upstream, attempts: 1)
            reply.send(on: loop, responder.waiting(for: forwarding, tried: [upstream]))
        } catch {
            reply.send(responder.refuse(forwarding, error), on: loop)
        }
    }

    func clientHasGone(on loop: isolated EventLoop) { begun?.exchange.interrupt(on: loop) }
}

extension GatewayResponder: LoopResponder {
    func begin(_ request: consuming HTTPRequest, _ reply: Reply, on loop: isolated EventLoop) {
        switch decide(consume request) {
        case .answer(let response): reply.send(response, on: loop)
        case .wait(let answer): reply.send(on: loop, answer)
        case .forward(let forwarding):
            do throws(Refusal) {
                try forwarding.admit()
                LoopExchange.begin(self, forwarding, reply, on: loop)
            } catch {
                reply.send(refuse(forwarding, error), on: loop)
            }
        }
    }
}
