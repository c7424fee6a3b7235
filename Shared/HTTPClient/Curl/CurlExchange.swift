import CCurl
import EventLoop
import HTTP

/// One request and its response through libcurl. Lives on one loop; `CurlMulti` keeps it until the transfer ends.
final class CurlExchange {
    /// Received bytes that wait for a reader; above this libcurl is told to wait, and so is the server.
    static let maximumBufferedBytes = 256 * 1024

    let easy = CurlEasy()
    let method: HTTPMethod
    var upload: CurlUpload
    var headBytes: [UInt8] = []
    var parser = HTTPResponseParser()
    var head: HTTPResponseHead?
    var received: [UInt8] = []
    var isReceivingPaused = false
    /// Why the head or the body was not accepted, when libcurl itself has no objection.
    var refusal: String?

    private let multi: CurlMulti
    private let deadlines: HTTPDeadlines
    private var end: End?
    private var timer: LoopTimer?
    private let changed = LoopSignal()

    enum Progress {
        /// Bytes have come, or the head is whole: whoever waits may look, and the idle time begins anew.
        case received
        /// More of the request has gone: the server's time to answer begins anew.
        case sent
    }

    private enum End {
        case complete
        case failed(HTTPTransportError)
    }

    init(
        _ request: HTTPRequest, origin: HTTPOrigin, deadlines: HTTPDeadlines, options: CurlOptions, multi: CurlMulti,
        on loop: isolated EventLoop
    ) throws(HTTPTransportError) {
        method = request.method
        upload = CurlUpload(request.body)
        self.multi = multi
        self.deadlines = deadlines
        easy.configure(request, origin: origin, connect: deadlines.connect, options: options)
        setCallbacks(bodyLength: request.body.length)
    }

    /// Sends the request and waits for the head of the response.
    func response(on loop: isolated EventLoop) async throws(HTTPTransportError) -> HTTPResponse {
        let reference = LoopReference(self, on: loop)
        upload.reference = reference
        multi.add(self, on: loop)
        setTimer(after: deadlines.connect + deadlines.firstByte, on: loop)
        await withTaskCancellationHandler {
            while head == nil, end == nil { await changed.wait(on: loop) }
        } onCancel: {
            reference.perform { exchange, loop in exchange.abort(.cancelled, on: loop) }
        }
        if case .failed(let error) = end, head == nil {
            reference.release(on: loop)
            throw error
        }
        guard let head else {
            reference.release(on: loop)
            throw .failed("the server closed the connection without an answer")
        }
        var response = HTTPResponse(head.status, fields: head.fields)
        response.endsWithConnection = head.endsWithConnection
        if case .complete = end {
            reference.release(on: loop)
            response.body = received.isEmpty ? .empty : .bytes(received)
        } else if head.framing == .none {
            // Here libcurl goes on sending the request's body, or waits for content that a HEAD is not answered with.
            abort(.cancelled, on: loop)
            reference.release(on: loop)
        } else {
            let length: Int? = if case .length(let length) = head.framing { length } else { nil }
            response.body = .stream(CurlBody(reference), length: length)
        }
        return response
    }

    /// The next bytes of the body, nil at its end.
    func nextPiece(on loop: isolated EventLoop) async throws -> [UInt8]? {
        while received.isEmpty, end == nil {
            if isReceivingPaused { resumeReceiving(on: loop) } else { await changed.wait(on: loop) }
        }
        if !received.isEmpty {
            let piece = received
            received = []
            if isReceivingPaused { resumeReceiving(on: loop) }
            return piece
        }
        switch end {
        case .failed(.cancelled): throw HTTPBodyError.cancelled
        case .failed(.timedOut(let message)): throw HTTPBodyError.tooSlow(message)
        case .failed(.failed(let message)), .failed(.connectFailed(let message)):
            throw HTTPBodyError.incomplete(message)
        case .failed(.requestBodyFailed(let error)): throw HTTPBodyError.requestBodyFailed(error)
        case .complete, nil: return nil
        }
    }

    /// Ends the transfer at once, if it has not ended.
    func abort(_ error: HTTPTransportError, on loop: isolated EventLoop) {
        guard end == nil else { return }
        multi.remove(self, on: loop)
        finish(.failed(error), on: loop)
    }

    /// libcurl is done with the transfer.
    func ended(_ result: CURLcode, on loop: isolated EventLoop) {
        guard result != CURLE_OK || refusal != nil else { return finish(.complete, on: loop) }
        if let failure = upload.failure { return finish(.failed(.requestBodyFailed(failure)), on: loop) }
        let message = refusal ?? easy.errorMessage(result)
        switch result {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            // Only the connect deadline is libcurl's; the others are timers of ours.
            CURLE_OPERATION_TIMEDOUT:
            finish(.failed(.connectFailed(message)), on: loop)
        default:
            finish(.failed(.failed(message)), on: loop)
        }
    }

    /// For libcurl's callbacks, which must not call back: the multi comes back to it when its call has returned.
    func note(_ progress: Progress) { multi.note(self, progress) }

    func progressed(_ progress: Progress, on loop: isolated EventLoop) {
        switch progress {
        case .received:
            setTimer(after: deadlines.idle, on: loop)
            changed.fire()
        case .sent: setTimer(after: deadlines.firstByte, on: loop)
        }
    }

    func resumeSending(on loop: isolated EventLoop) { multi.resume(self, on: loop) }

    private func resumeReceiving(on loop: isolated EventLoop) {
        isReceivingPaused = false
        setTimer(after: deadlines.idle, on: loop)
        multi.resume(self, on: loop)
    }

    private func finish(_ end: End, on loop: isolated EventLoop) {
        self.end = end
        if let timer { loop.cancel(timer) }
        timer = nil
        upload.stop()
        changed.fire()
    }

    private func setTimer(after duration: Duration, on loop: isolated EventLoop) {
        if let timer { loop.cancel(timer) }
        timer = end == nil ? loop.schedule(after: duration, self) : nil
    }
}

extension CurlExchange: TimerHandler {
    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        self.timer = nil
        // While the reader is behind, it is not the server that is slow.
        if isReceivingPaused { return }
        abort(
            .timedOut(
                head == nil ? "no answer within \(deadlines.firstByte)" : "nothing came for \(deadlines.idle)"),
            on: loop)
    }
}

/// The body of a response that is still coming.
final class CurlBody: ByteStream {
    private let reference: LoopReference<CurlExchange>

    init(_ reference: LoopReference<CurlExchange>) { self.reference = reference }

    deinit {
        reference.perform { [reference] exchange, loop in
            exchange.abort(.cancelled, on: loop)
            reference.release(on: loop)
        }
    }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await reference.loop.run { [reference] loop in
                try await reference.object(on: loop)?.nextPiece(on: loop)
            }
        } onCancel: {
            cancel()
        }
    }

    func cancel() {
        reference.perform { exchange, loop in exchange.abort(.cancelled, on: loop) }
    }
}
