import EventLoop
import HTTP

extension ClientConnection {
    /// Sends a request, as far as the kernel takes it now.
    func start(_ request: HTTPRequest, _ deadlines: HTTPDeadlines, on loop: isolated EventLoop) -> ExchangeReference {
        let canRepeat = !request.body.isStream && request.method.isIdempotent
        exchange.begin(request, deadlines, canRepeat: canRepeat)
        if phase == .idle {
            phase = .exchanging
            deadline = .distantFuture
            send(request, on: loop)
        } else {
            exchange.closedBeforeResponse = true
            exchange.failure = .failed("the connection is closed")
        }
        return ExchangeReference(connection: reference, number: exchange.number)
    }

    /// Whether the task that started the exchange has to wait. If it is cancelled, that is a failure.
    var awaitsHead: Bool { exchange.head == nil && exchange.failure == nil }

    /// The head, with what has come of the body, if that is all of it, else with a stream of it.
    func response(
        _ started: ExchangeReference, on loop: isolated EventLoop
    ) throws(ExchangeFailure) -> HTTPResponse {
        guard let head = exchange.head else {
            // Cancelled, if nothing else has happened.
            abort(started.number, on: loop)
            letGo(on: loop)
            throw ExchangeFailure(error: exchange.failure ?? .cancelled, mayRepeat: exchange.mayRepeat)
        }
        // The caller alone has the fields, and can change them in place.
        exchange.head?.fields = HTTPFields()
        guard exchange.isOver, exchange.bodyError == nil else {
            let length: Int? = if case .length(let length) = head.framing { length } else { nil }
            var response = HTTPResponse(
                head.status, fields: head.fields, body: .stream(ResponseBody(started), length: length))
            response.endsWithConnection = head.endsWithConnection
            return response
        }
        let bytes = exchange.received
        exchange.received = []
        letGo(on: loop)
        finish(on: loop)
        var response = HTTPResponse(head.status, fields: head.fields, body: bytes.isEmpty ? .empty : .bytes(bytes))
        response.endsWithConnection = head.endsWithConnection
        return response
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
            if exchange.head?.status == .switchingProtocols, let input = exchange.takeWebSocketInput() {
                startWebSocket(input, on: loop)
            }
        } catch {
            fail("the server's response is refused: \(error.reason)", on: loop)
        }
    }

    private func readHead(on loop: isolated EventLoop) throws(HTTPParseError) {
        while exchange.head == nil {
            let parsed = try parser.parse(
                inbound.bytes, inbound.unread, answering: exchange.method,
                mayBecomeWebSocket: exchange.webSocketInput != nil)
            guard let (head, consumed) = parsed else { return }
            inbound.consume(consumed)
            if head.isInterim {
                exchange.interimCount += 1
                guard exchange.interimCount <= pool.limits.interimResponses else {
                    throw HTTPParseError(.badGateway, "too many interim responses")
                }
                continue
            }
            switch head.framing {
            case .none: break
            case .length(let length) where length <= min(inbound.count, pool.limits.body.contentBytes):
                exchange.received = inbound.take(length)
            case .length, .chunked, .untilClose:
                let isWebSocket = head.status == .switchingProtocols
                exchange.decoder = try HTTPBodyDecoder(
                    head.framing, limits: isWebSocket ? HTTPBodyLimits(contentBytes: .max) : pool.limits.body)
            }
            exchange.head = head
            deadline = .distantFuture
        }
        signal.fire()
    }

    private func readBody(on loop: isolated EventLoop) throws(HTTPParseError) {
        guard var decoder = exchange.decoder else { return }
        var received: [UInt8] = []
        swap(&received, &exchange.received)
        defer { exchange.received = received }
        let before = received.count
        let consumed = try decoder.decode(
            inbound.bytes, inbound.unread, into: &received, capacity: pool.limits.bufferedBodyBytes)
        inbound.consume(consumed)
        exchange.decoder = decoder.isComplete ? nil : decoder
        if exchange.isOver || received.count > before { signal.fire() }
    }

    /// - Parameter orderly: Nothing is missing of what the server sent.
    func serverClosed(_ reason: String, orderly: Bool, on loop: isolated EventLoop) {
        if orderly, phase == .exchanging, let decoder = exchange.decoder, decoder.mayEndHere, exchange.bodyError == nil
        {
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
        let started = ExchangeReference(connection: reference, number: number)
        await withTaskCancellationHandler {
            guard !exchange.isOver else { return }
            if Task.isCancelled {
                abort(number, on: loop)
            } else {
                await signal.wait(on: loop)
            }
        } onCancel: {
            started.abort()
        }
    }
}

/// One exchange of a connection, for those who do not have the connection.
public struct ExchangeReference: Sendable {
    let connection: LoopReference<ClientConnection>?
    let number: UInt64

    /// Ends the exchange if it is not over.
    func abort() {
        connection?.perform { [number] connection, loop in connection.abort(number, on: loop) }
    }

    /// Nobody will ask for the outcome any more.
    func drop() {
        connection?.perform { [number] connection, loop in connection.drop(number, on: loop) }
    }
}
