import EventLoop
import HTTP

extension ClientConnection {
    /// Sends a request and waits for the head of its response.
    func exchange(
        _ request: HTTPRequest, _ deadlines: HTTPDeadlines, on loop: isolated EventLoop
    ) async throws(ExchangeFailure) -> HTTPResponse {
        guard let reference, phase == .idle else {
            throw ExchangeFailure(error: .failed("the connection is closed"), mayRepeat: true)
        }
        phase = .exchanging
        deadline = .distantFuture
        exchange.begin(request.method, deadlines)
        let number = exchange.number
        send(request, on: loop)
        await withTaskCancellationHandler {
            while exchange.head == nil, exchange.failure == nil, !Task.isCancelled { await signal.wait(on: loop) }
        } onCancel: {
            reference.perform { connection, loop in connection.abort(number, on: loop) }
        }
        if Task.isCancelled, exchange.head == nil { abort(number, on: loop) }
        if let failure = exchange.failure {
            letGo(on: loop)
            throw ExchangeFailure(error: failure, mayRepeat: mayRepeat(request))
        }
        guard let head = exchange.head else {
            letGo(on: loop)
            throw ExchangeFailure(error: .cancelled, mayRepeat: false)
        }
        return HTTPResponse(head.status, fields: head.fields, body: body(head, number, reference, on: loop))
    }

    private func mayRepeat(_ request: HTTPRequest) -> Bool {
        guard exchange.isReused, exchange.closedBeforeResponse else { return false }
        guard exchange.hasSent else { return true }
        if case .stream = request.body { return false }
        return request.method.isIdempotent
    }

    /// What has come of the body, if that is all of it, else a stream of it.
    private func body(
        _ head: HTTPResponseHead, _ number: UInt64, _ reference: LoopReference<ClientConnection>,
        on loop: isolated EventLoop
    ) -> HTTPBody {
        guard exchange.isOver, exchange.bodyError == nil else {
            let length: Int? = if case .length(let length) = head.framing { length } else { nil }
            return .stream(ResponseBody(connection: reference, number: number), length: length)
        }
        let bytes = exchange.received
        exchange.received = []
        letGo(on: loop)
        finish(on: loop)
        return bytes.isEmpty ? .empty : .bytes(bytes)
    }

    // MARK: Reading

    /// Makes what it can of the bytes that have come.
    func process(on loop: isolated EventLoop) {
        guard phase == .exchanging, !exchange.isOver else {
            // Nothing was asked, or all was answered: this would be taken for the answer to the next request.
            close(on: loop)
            return
        }
        exchange.hasReceived = true
        do throws(HTTPParseError) {
            if exchange.head == nil { try readHead(on: loop) }
            if exchange.head != nil { try readBody(on: loop) }
        } catch {
            fail("the server's response is refused: \(error.reason)", on: loop)
        }
    }

    private func readHead(on loop: isolated EventLoop) throws(HTTPParseError) {
        while exchange.head == nil {
            let parsed = try parser.parse(inbound.storage, inbound.unread, answering: exchange.method)
            guard let (head, consumed) = parsed else { return }
            inbound.consume(consumed)
            if head.isInterim {
                exchange.interimCount += 1
                guard exchange.interimCount <= pool.limits.interimResponses else {
                    throw HTTPParseError(.badGateway, "too many interim responses")
                }
                continue
            }
            let decoder = try HTTPBodyDecoder(head.framing, limits: pool.limits.body)
            exchange.decoder = decoder.isComplete ? nil : decoder
            exchange.head = head
            deadline = .distantFuture
        }
        signal.fire()
    }

    private func readBody(on loop: isolated EventLoop) throws(HTTPParseError) {
        guard var decoder = exchange.decoder else { return }
        let before = exchange.received.count
        let consumed = try decoder.decode(
            inbound.storage, inbound.unread, into: &exchange.received, capacity: pool.limits.bufferedBodyBytes)
        inbound.consume(consumed)
        exchange.decoder = decoder.isComplete ? nil : decoder
        if exchange.isOver || exchange.received.count > before { signal.fire() }
    }

    func serverClosed(_ reason: String, on loop: isolated EventLoop) {
        if phase == .exchanging, let decoder = exchange.decoder, decoder.mayEndHere, exchange.bodyError == nil {
            exchange.decoder = nil
            signal.fire()
            close(on: loop)
        } else {
            exchange.closedBeforeResponse = !exchange.hasReceived
            fail(reason, on: loop)
        }
    }

    /// For the reader of the body: waits for more of it.
    func nextPiece(_ number: UInt64, on loop: isolated EventLoop) async throws(HTTPBodyError) -> [UInt8]? {
        while true {
            guard number == exchange.number, exchange.isHeld else { return nil }
            if !exchange.received.isEmpty {
                let piece = exchange.received
                exchange.received = []
                if exchange.isOver {
                    if exchange.bodyError == nil { endBody(on: loop) }
                } else {
                    // What waits in the buffers is taken in at once, to be there when the reader comes again.
                    if !inbound.isEmpty { process(on: loop) }
                    if hasUnreadInput { readAvailable(on: loop) }
                }
                return piece
            }
            if let error = exchange.bodyError {
                letGo(on: loop)
                throw error
            }
            if exchange.isOver {
                endBody(on: loop)
                return nil
            }
            deadline = loop.now + exchange.idleTime
            armTimer(on: loop)
            await waitForBody(number, on: loop)
            if phase == .exchanging { deadline = .distantFuture }
        }
    }

    private func endBody(on loop: isolated EventLoop) {
        letGo(on: loop)
        finish(on: loop)
    }

    private func waitForBody(_ number: UInt64, on loop: isolated EventLoop) async {
        guard let reference else { return }
        await withTaskCancellationHandler {
            guard !exchange.isOver else { return }
            if Task.isCancelled {
                abort(number, on: loop)
            } else {
                await signal.wait(on: loop)
            }
        } onCancel: {
            reference.perform { connection, loop in connection.abort(number, on: loop) }
        }
    }
}
