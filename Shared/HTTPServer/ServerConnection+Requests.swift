import EventLoop
import HTTP

extension ServerConnection {
    private static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Parses a head and has it answered.
    /// - Returns: whether the head was complete.
    func beginRequest(on loop: isolated EventLoop) throws(HTTPParseError) -> Bool {
        guard let (head, consumed) = try parser.parse(inbound.bytes, inbound.unread) else {
            // The first byte starts the clock; the next ones must not set it back.
            readDeadline = min(readDeadline, loop.now + context.times.head)
            armTimer(on: loop)
            return false
        }
        inbound.consume(consumed)
        readDeadline = .distantFuture
        let body: HTTPBody
        do throws(HTTPParseError) {
            body = try beginBody(head)
        } catch {
            throw HTTPParseError(error.status, error.reason, target: head.target)
        }
        phase = .handling
        context.responder.begin(
            HTTPRequest(
                head.method, head.target, fields: head.fields, body: body, peer: peer,
                webSocketInput: head.asksForWebSocket ? webSocketInput : nil),
            Reply(on: self), on: loop)
        return true
    }

    private var webSocketInput: RequestBody? {
        reference.map { RequestBody(connection: $0, number: request.number) }
    }

    /// What has come of the body, if that is all of it, else a stream of it.
    private func beginBody(_ head: HTTPRequestHead) throws(HTTPParseError) -> HTTPBody {
        switch head.framing {
        case .none:
            request.begin(head, decoder: nil)
            return .empty
        case .length(let length) where length <= min(inbound.count, context.limits.body.contentBytes):
            request.begin(head, decoder: nil)
            return .bytes(inbound.take(length))
        case .length, .chunked, .untilClose:
            request.begin(head, decoder: try HTTPBodyDecoder(head.framing, limits: context.limits.body))
            try decodeAvailable()
            guard request.isBodyOver else {
                guard let reference else { return .empty }
                let length: Int? = if case .length(let length) = head.framing { length } else { nil }
                return .stream(RequestBody(connection: reference, number: request.number), length: length)
            }
            let received = request.received
            request.received = []
            return received.isEmpty ? .empty : .bytes(received)
        }
    }

    /// Decodes more of the body for its reader.
    /// - Returns: whether anything came of it.
    func decodeBody(on loop: isolated EventLoop) -> Bool {
        let before = inbound.count
        do throws(HTTPParseError) {
            try decodeAvailable()
        } catch {
            request.fail(
                error.status == .contentTooLarge
                    ? .tooLarge(limitBytes: context.limits.body.contentBytes) : .incomplete(error.reason))
        }
        if request.isBodyOver { readDeadline = .distantFuture }
        if request.isBodyOver || !request.received.isEmpty { bodySignal.fire() }
        return inbound.count < before
    }

    private func decodeAvailable() throws(HTTPParseError) {
        guard var decoder = request.decoder else { return }
        var received: [UInt8] = []
        swap(&received, &request.received)
        defer { request.received = received }
        let before = received.count
        let consumed = try decoder.decode(
            inbound.bytes, inbound.unread, into: &received, capacity: context.limits.bufferedBodyBytes)
        inbound.consume(consumed)
        request.windowBytes += received.count - before
        request.decoder = decoder.isComplete ? nil : decoder
        if request.isAbandoned { received = [] }
    }

    /// Throws away more of a body that was not read, now that its answer is out.
    func discardBody(on loop: isolated EventLoop) throws(HTTPParseError) -> Bool {
        let before = inbound.count
        request.isAbandoned = true
        try decodeAvailable()
        discardedBytes += before - inbound.count
        if request.isBodyOver {
            becomeIdle(on: loop)
            // Its answer did not say yet that it would be the last.
            if context.closesIdle { closeIfIdle(on: loop) }
        } else if discardedBytes > context.limits.discardedBodyBytes {
            linger(on: loop)
        }
        return inbound.count < before
    }

    /// For the reader of a request's body: waits for more of it.
    func nextPiece(_ number: UInt64, on loop: isolated EventLoop) async throws(HTTPBodyError) -> [UInt8]? {
        while true {
            guard number == request.number, !request.isAbandoned else { throw .cancelled }
            if !request.received.isEmpty {
                let piece = request.received
                request.received = []
                // What waits in the buffers is taken in at once, to be there when the reader comes again.
                if phase == .handling { continueReading(on: loop) }
                return piece
            }
            if let error = request.error { throw error }
            if request.isBodyOver, request.webSocket != .offered { return nil }
            if request.continueIsPending {
                request.continueIsPending = false
                write(Self.continueResponse, on: loop)
            }
            // Of a WebSocket each side is silent as long as it likes.
            if request.webSocket == .none { startBodyRateWindow(on: loop) }
            await waitForBody(number, on: loop)
            if Task.isCancelled, request.error == nil { throw .cancelled }
        }
    }

    private func waitForBody(_ number: UInt64, on loop: isolated EventLoop) async {
        guard let reference else { return }
        await withTaskCancellationHandler {
            guard !Task.isCancelled else { return }
            await bodySignal.wait(on: loop)
        } onCancel: {
            reference.perform { connection, _ in
                if connection.request.number == number { connection.bodySignal.fire() }
            }
        }
    }

    /// Nobody reads the rest.
    func abandonBody(_ number: UInt64, on loop: isolated EventLoop) {
        guard number == request.number, phase == .handling else { return }
        request.isAbandoned = true
        request.received = []
        bodySignal.fire()
    }
}

/// The body of a request that did not come whole with its head.
final class RequestBody: ByteStream {
    private let connection: LoopReference<ServerConnection>
    private let number: UInt64

    init(connection: LoopReference<ServerConnection>, number: UInt64) {
        self.connection = connection
        self.number = number
    }

    func next() async throws -> [UInt8]? {
        try await connection.loop.run { loop in
            guard let connection = connection.object(on: loop) else {
                throw HTTPBodyError.incomplete("the client went away")
            }
            return try await connection.nextPiece(number, on: loop)
        }
    }

    func cancel() {
        connection.perform { [number] connection, loop in connection.abandonBody(number, on: loop) }
    }
}
