import EventLoop
import HTTP

extension ClientConnection {
    /// Up to this size a body is copied behind its head, which costs less than a second part for the kernel.
    private static let copiedBodyBytes = 4096
    private static let lineEnd: [UInt8] = [13, 10]
    private static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Sends what the kernel takes at once, and the rest in a task beside the one that waits for the response: a
    /// server may answer before it has taken everything.
    func send(_ request: HTTPRequest, on loop: isolated EventLoop) {
        var head: [UInt8] = []
        swap(&head, &pool.scratch)
        HTTPHeadWriter.writeRequestLine(request.method, request.target, pool.afterTarget, to: &head)
        HTTPHeadWriter.writeFields(request.fields, leavingOut: .request, to: &head)
        let framing = RequestFraming(request.method, request.body)
        framing.write(to: &head)
        if request.webSocketInput != nil {
            head.append(contentsOf: "Connection: Upgrade\r\nUpgrade: websocket\r\n".utf8)
        }
        head.appendLineEnd()

        var body: [UInt8] = []
        if case .bytes(let bytes) = request.body {
            if bytes.count <= Self.copiedBodyBytes { head.append(contentsOf: bytes) } else { body = bytes }
        }
        let sent = sendNow(head, body, on: loop)
        if sent == head.count + body.count, framing.stream == nil {
            requestIsSent(on: loop)
        } else if phase == .exchanging {
            startUpload([head, body], from: sent, framing, on: loop)
        }
        head.removeAll(keepingCapacity: true)
        swap(&head, &pool.scratch)
    }

    private func requestIsSent(on loop: isolated EventLoop) {
        exchange.requestIsSent = true
        upload = nil
        guard exchange.head == nil else { return }
        deadline = loop.now + exchange.firstByteTime
        armTimer(on: loop)
    }

    private func sendNow(_ head: [UInt8], _ body: [UInt8], on loop: isolated EventLoop) -> Int {
        switch body.isEmpty ? socket.send(head, 0..<head.count) : socket.send(head, body) {
        case .moved(let count):
            exchange.hasSent = true
            return count
        case .wouldBlock, .closed: return 0
        case .failed(let error):
            sendingFailed(error, on: loop)
            return 0
        }
    }

    /// The server has closed. It may have answered before: then that counts.
    private func sendingFailed(_ error: SystemError, on loop: isolated EventLoop) {
        exchange.serverHasClosed = true
        // The kernel tells of a reset once. From then on reading looks as if the server had closed orderly; if it has,
        // before it reset the connection, sending is told of a broken pipe.
        if error != .brokenPipe { exchange.sendingBroke = true }
        readAvailable(on: loop)
        if phase == .exchanging, exchange.head == nil {
            serverClosed("the server closed the connection", orderly: false, on: loop)
        }
    }

    // MARK: Uploading

    private func startUpload(
        _ parts: [[UInt8]], from sent: Int, _ framing: RequestFraming, on loop: isolated EventLoop
    ) {
        let number = exchange.number
        let task = Task.immediate(executorPreference: loop.executor) {
            var sent = sent
            for part in parts {
                await transmit(part, from: min(sent, part.count), number, on: loop)
                sent -= min(sent, part.count)
            }
            if let stream = framing.stream { await send(stream, framing, number, on: loop) }
            if isUploading(number) { requestIsSent(on: loop) }
        }
        if isUploading(number), !exchange.requestIsSent { upload = task }
    }

    private func isUploading(_ number: UInt64) -> Bool { phase == .exchanging && exchange.number == number }

    private func send(
        _ stream: any ByteStream, _ framing: RequestFraming, _ number: UInt64, on loop: isolated EventLoop
    ) async {
        var remaining = framing.length ?? .max
        do {
            while isUploading(number), let piece = try await stream.next() {
                guard piece.count <= remaining else {
                    remaining = -1
                    break
                }
                if framing.length != nil {
                    remaining -= piece.count
                    await transmit(piece, number, on: loop)
                } else {
                    var line: [UInt8] = []
                    HTTPHeadWriter.writeChunkSize(piece.count, to: &line)
                    await transmit(line + piece + Self.lineEnd, number, on: loop)
                }
            }
        } catch {
            if isUploading(number) { requestBodyFailed(HTTPBodyError(endOf: error), on: loop) }
            return
        }
        guard isUploading(number) else {
            stream.cancel()
            return
        }
        if framing.length == nil {
            await transmit(Self.lastChunk, number, on: loop)
        } else if remaining != 0 {
            stream.cancel()
            requestBodyFailed(.incomplete("the body of the request is not as long as it was said to be"), on: loop)
        }
    }

    /// The server has agreed to WebSocket: sends what comes from the other side, as it comes.
    func startWebSocket(_ input: any ByteStream, on loop: isolated EventLoop) {
        let number = exchange.number
        let task = Task.immediate(executorPreference: loop.executor) {
            do {
                while isUploading(number), let piece = try await input.next() {
                    await transmit(piece, number, on: loop)
                    // What goes out shows as well as what comes in that the connection is in use.
                    if isUploading(number), deadline != .distantFuture { deadline = loop.now + exchange.idleTime }
                }
            } catch {
                if isUploading(number) { requestBodyFailed(HTTPBodyError(endOf: error), on: loop) }
                return
            }
            if isUploading(number) { socket.closeSendingSide() } else { input.cancel() }
        }
        if isUploading(number) { upload = task }
    }

    /// Sends all of it, waiting while the server does not take it; returns early if the exchange has ended.
    private func transmit(
        _ bytes: [UInt8], from start: Int = 0, _ number: UInt64, on loop: isolated EventLoop
    ) async {
        var next = start
        while next < bytes.count, isUploading(number) {
            switch socket.send(bytes, next..<bytes.count) {
            case .moved(let count):
                exchange.hasSent = true
                next += count
            case .wouldBlock, .closed:
                // Who may think so long about an answer may also not read meanwhile.
                writeDeadline = loop.now + max(pool.times.writeStall, exchange.firstByteTime)
                armTimer(on: loop)
                await writeSignal.wait(on: loop)
                writeDeadline = .distantFuture
            case .failed(let error):
                sendingFailed(error, on: loop)
                // The response may still be coming in; the request is not sent any further.
                if isUploading(number) { await writeSignal.wait(on: loop) }
            }
        }
    }
}

extension HTTPBodyError {
    /// - Parameter error: what a request's stream threw.
    init(endOf error: any Error) { self = error as? HTTPBodyError ?? .incomplete("\(error)") }
}

/// How a request's body goes out.
struct RequestFraming {
    let length: Int?
    let stream: (any ByteStream)?
    private let needsLength: Bool

    init(_ method: HTTPMethod, _ body: HTTPBody) {
        length = body.length
        stream = if case .stream(let stream, _) = body { stream } else { nil }
        // A method that usually has a body says that this one has none.
        needsLength = length == 0 && (method == .post || method == .put || method == .patch)
    }

    func write(to bytes: inout [UInt8]) {
        if let length {
            if length > 0 || needsLength { HTTPHeadWriter.writeContentLength(length, to: &bytes) }
        } else {
            bytes.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
    }
}
