import EventLoop
import HTTP

extension ServerConnection {
    /// Up to this size a body is copied behind its head, which costs less than a second part for the kernel.
    private static let copiedBodyBytes = 4096
    private static let keptScratchBytes = 64 * 1024
    private static let lineEnd: [UInt8] = [13, 10]
    private static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Sends all of an answer: what the kernel does not take at once, and a body that is still to come, with a task.
    func send(_ response: HTTPResponse, on loop: isolated EventLoop) {
        if let unsent = sendAtOnce(response, on: loop) {
            haveTask(.send(unsent), on: loop)
        } else {
            finish(on: loop)
        }
    }

    func haveTask(_ work: RequestTask.Work, on loop: isolated EventLoop) {
        let task = server.takeTask()
        if phase == .closed { task.clientHasGone(on: loop) } else { pending = task }
        task.perform(work, for: self, on: loop)
    }

    /// Sends the head, and the body if it is there, as far as the kernel takes them: all of it, as a rule.
    /// - Returns: what is still to be sent.
    func sendAtOnce(_ response: HTTPResponse, on loop: isolated EventLoop) -> UnsentResponse? {
        guard phase == .handling else {
            response.body.cancel()
            return nil
        }
        guard response.status != .switchingProtocols || request.webSocket == .offered else {
            response.body.cancel()
            return sendAtOnce(HTTPResponse(.internalServerError), on: loop)
        }
        if context.isDraining || request.continueIsPending {
            request.keepsConnection = false
            // From here on it would come in the middle of the answer.
            request.continueIsPending = false
        }
        let plan = ResponsePlan(response, for: request)
        if plan.endsWithClose {
            request.keepsConnection = false
            // Of a WebSocket the frames tell whether it is whole.
            request.closeEndsAnswer = !plan.isWebSocket
        }
        var head = takeScratch()
        plan.writeHead(response, for: request, to: &head)
        if !response.fields.contains("Date") { context.dateField.write(to: &head, at: loop.now) }
        head.appendLineEnd()
        var unsent = UnsentResponse(plan: plan)
        switch response.body {
        case .bytes(let bytes) where plan.hasBody:
            if bytes.count <= Self.copiedBodyBytes { head.append(contentsOf: bytes) } else { unsent.body = bytes }
        case .stream(let stream, _) where plan.hasBody: unsent.stream = stream
        case .empty, .bytes, .stream: response.body.cancel()
        }
        unsent.sent = sendNow(head, unsent.body, on: loop)
        if plan.isWebSocket, phase == .handling {
            request.openWebSocket()
            continueReading(on: loop)
        }
        if unsent.stream == nil, unsent.sent == head.count + unsent.body.count || phase != .handling {
            giveBackScratch(&head)
            return nil
        }
        unsent.head = head
        return unsent
    }

    /// Sends the rest, waiting while the client does not take it.
    func send(_ unsent: UnsentResponse, on loop: isolated EventLoop) async {
        await transmitRest(unsent.head, from: min(unsent.sent, unsent.head.count), on: loop)
        await transmitRest(unsent.body, from: max(0, unsent.sent - unsent.head.count), on: loop)
        if let stream = unsent.stream { await send(stream, unsent.plan, on: loop) }
    }

    private func takeScratch() -> [UInt8] {
        var head: [UInt8] = []
        swap(&head, &context.scratch)
        return head
    }

    private func giveBackScratch(_ head: inout [UInt8]) {
        guard head.capacity <= Self.keptScratchBytes else { return }
        head.removeAll(keepingCapacity: true)
        swap(&head, &context.scratch)
    }

    /// Sends a body as it comes. A stream that fails, or is not as long as it said, ends the connection without the
    /// proper end of the body, or with a reset where closing would be that: this is how the client learns of it.
    private func send(_ stream: any ByteStream, _ plan: ResponsePlan, on loop: isolated EventLoop) async {
        var remaining = plan.length ?? .max
        do {
            while phase == .handling, let piece = try await stream.next() {
                if plan.length != nil { remaining -= piece.count }
                guard remaining >= 0 else { break }
                if plan.isChunked {
                    await transmitChunk(piece, on: loop)
                } else {
                    await transmit(piece, on: loop)
                }
            }
        } catch {
            close(on: loop)
            return
        }
        guard phase == .handling, plan.length == nil || remaining == 0 else {
            stream.cancel()
            close(on: loop)
            return
        }
        if plan.isChunked { await transmit(Self.lastChunk, on: loop) }
    }

    private func transmitChunk(_ piece: [UInt8], on loop: isolated EventLoop) async {
        var chunk = takeScratch()
        HTTPHeadWriter.writeChunkSize(piece.count, to: &chunk)
        if piece.count <= Self.copiedBodyBytes {
            chunk.append(contentsOf: piece)
            chunk.appendLineEnd()
            await transmit(chunk, on: loop)
        } else {
            await transmit(chunk, piece, Self.lineEnd, on: loop)
        }
        giveBackScratch(&chunk)
    }

    /// The answer is out, or there is nobody to have it.
    func finish(on loop: isolated EventLoop) {
        guard phase == .handling else { return }
        pending = nil
        let isBodyOver = request.isBodyOver
        if !isBodyOver || request.webSocket == .offered {
            // Who was given the input to read does not get it, and must not wait where the next reader will.
            abandonBody(request.number, on: loop)
        }
        guard request.keepsConnection, !context.isDraining else {
            request.closeEndsAnswer = false
            endConnection(on: loop)
            return
        }
        if isBodyOver {
            becomeIdle(on: loop)
        } else {
            phase = .discarding
            discardedBytes = 0
            readDeadline = loop.now + context.times.linger
            armTimer(on: loop)
        }
        continueReading(on: loop)
    }

    /// After the last answer, of which the client has to see what it will.
    private func endConnection(on loop: isolated EventLoop) {
        let isAllRead = request.isBodyOver && request.error == nil && inbound.isEmpty && !hasUnreadInput
        guard !isAllRead else { return close(on: loop) }
        linger(on: loop)
        // The loop tells of input once, and has done so.
        continueReading(on: loop)
    }

    /// Ready for the next request.
    func becomeIdle(on loop: isolated EventLoop) {
        phase = .head
        inbound.trim()
        readDeadline = loop.now + context.times.idle
        armTimer(on: loop)
    }

    // MARK: Writing

    /// - Returns: how many bytes the kernel took.
    private func sendNow(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8] = [], on loop: isolated EventLoop) -> Int
    {
        guard outbound.isEmpty else { return 0 }
        switch second.isEmpty ? socket.send(first, 0..<first.count) : socket.send(first, second, third) {
        case .moved(let count): return count
        case .wouldBlock: return 0
        case .closed, .failed:
            close(on: loop)
            return 0
        }
    }

    /// Sends all of it, waiting while the client does not take it. Returns early only if the connection is closed.
    private func transmit(
        _ first: [UInt8], _ second: [UInt8] = [], _ third: [UInt8] = [], on loop: isolated EventLoop
    ) async {
        guard phase == .handling else { return }
        var sent = sendNow(first, second, third, on: loop)
        if sent == first.count + second.count + third.count { return }
        for part in [first, second, third] {
            await transmitRest(part, from: min(sent, part.count), on: loop)
            sent -= min(sent, part.count)
        }
    }

    private func transmitRest(_ bytes: [UInt8], from start: Int, on loop: isolated EventLoop) async {
        var next = start
        defer { writeDeadline = .distantFuture }
        while next < bytes.count, phase == .handling {
            if outbound.isEmpty {
                switch socket.send(bytes, next..<bytes.count) {
                case .moved(let count):
                    next += count
                    writeWindowBytes += count
                    continue
                case .wouldBlock: break
                case .closed, .failed:
                    close(on: loop)
                    return
                }
            }
            startWriteWindow(on: loop)
            await writeSignal.wait(on: loop)
        }
    }

    /// Sends at once what the kernel takes and queues the rest: only for the short answers that no task waits for.
    func write(_ bytes: [UInt8], on loop: isolated EventLoop) {
        var sent = 0
        if outbound.isEmpty, case .moved(let count) = socket.send(bytes, 0..<bytes.count) { sent = count }
        if sent < bytes.count { outbound.append(bytes, sent..<bytes.count) }
    }

    /// The kernel takes more.
    func flush(on loop: isolated EventLoop) {
        if !outbound.isEmpty {
            if case .failed = socket.send(from: outbound) {
                close(on: loop)
                return
            }
            guard outbound.isEmpty else { return }
            if phase == .lingering { socket.closeSendingSide() }
        }
        writeSignal.fire()
    }
}

extension HTTPBody {
    func cancel() {
        if case .stream(let stream, _) = self { stream.cancel() }
    }
}
