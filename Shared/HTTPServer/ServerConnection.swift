import EventLoop
import HTTP

/// One client connection: reads requests one after the other, has each answered, writes the answers.
///
/// It is watched edge-triggered for everything from the beginning, so that a request costs no change of the watch:
/// whoever stops reading notes `hasUnreadInput` and reads again later.
final class ServerConnection: DescriptorHandler, TimerHandler, SignalHandler {
    enum Phase {
        /// Between requests, or in a head.
        case head
        /// The request is being answered.
        case handling
        /// The answer is out; the rest of its request's body is thrown away.
        case discarding
        /// Nothing more will be answered; the client may read its last answer before it is cut off.
        case lingering
        case closed
    }

    /// What is read at once before it is processed.
    private static let readBatch = 64 * 1024
    private static let readRoom = 4096

    unowned let server: ServerLoop
    let context: ConnectionContext
    let socket: Socket
    let peer: String
    /// Among the connections of the server.
    var place = 0
    var phase = Phase.head
    let inbound = ByteBuffer(initialCapacity: readRoom)
    var parser: HTTPRequestParser
    /// The kernel may hold input that was not read when the loop told of it.
    var hasUnreadInput = false
    /// The client has closed its sending side while reading was paused.
    var peerHasClosed = false
    var isProcessing = false
    /// Another request is at hand, and others have their turn first.
    private var isWaitingForTurn = false
    private let turn = LoopSignal()
    let request = RequestInProgress()
    /// Who answers the request, and waits for something.
    var pending: (any PendingAnswer)?
    let bodySignal = LoopSignal()
    let writeSignal = LoopSignal()
    /// What must go out before anything else: answers that no task waits for.
    let outbound = ByteBuffer(initialCapacity: 512)
    var readDeadline = LoopInstant.distantFuture
    var writeDeadline = LoopInstant.distantFuture
    /// What the client had not taken when `writeDeadline` was set, and what was sent since.
    var writeWindowBytes = 0
    /// For both deadlines.
    let timer = LazyTimer()
    /// How much was discarded, or read while lingering.
    var discardedBytes = 0
    private(set) var reference: LoopReference<ServerConnection>?

    init(_ socket: Socket, peer: String, server: ServerLoop, on loop: isolated EventLoop) {
        self.socket = socket
        self.peer = peer
        self.server = server
        context = server.context
        parser = HTTPRequestParser(limits: context.limits.head)
    }

    /// - Returns: whether the connection could be watched.
    func start(on loop: isolated EventLoop) -> Bool {
        do throws(SystemError) {
            try loop.add(
                socket.descriptor, [.readable, .writable, .peerClosed, .edgeTriggered], handler: self)
        } catch {
            return false
        }
        reference = LoopReference(self, on: loop)
        readDeadline = loop.now + context.times.head
        armTimer(on: loop)
        return true
    }

    // MARK: Events

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) {
        if events.contains(.writable) { flush(on: loop) }
        guard phase != .closed else { return }
        if !events.isDisjoint(with: [.hangUp, .error]) {
            close(on: loop)
            return
        }
        if events.contains(.peerClosed) { peerHasClosed = true }
        if !events.isDisjoint(with: [.readable, .peerClosed]) { readAvailable(on: loop) }
    }

    /// Reads until the kernel has no more, or reading is paused.
    func readAvailable(on loop: isolated EventLoop) {
        while phase != .closed {
            if isWaitingForTurn {
                hasUnreadInput = true
                return
            }
            if isReadingPaused {
                hasUnreadInput = true
                // A request that is all there and whose client is gone need not be answered.
                if peerHasClosed && request.isBodyOver { close(on: loop) }
                return
            }
            let (result, room) = socket.receive(into: inbound, room: Self.readRoom)
            switch result {
            case .moved(let count):
                let mayHoldMore = count == room || peerHasClosed
                if !mayHoldMore || inbound.count >= Self.readBatch { process(on: loop) }
                if !mayHoldMore {
                    hasUnreadInput = false
                    return
                }
            case .wouldBlock:
                hasUnreadInput = false
                process(on: loop)
                return
            case .closed:
                process(on: loop)
                if phase == .handling, request.webSocket == .open {
                    request.endWebSocketInput()
                    hasUnreadInput = false
                    bodySignal.fire()
                } else {
                    close(on: loop)
                }
                return
            case .failed:
                close(on: loop)
                return
            }
        }
    }

    private var isReadingPaused: Bool {
        guard phase == .handling else { return false }
        return request.isBodyOver
            ? inbound.count >= context.limits.pipelinedBytes
            : request.received.count >= context.limits.bufferedBodyBytes
    }

    /// Makes what it can of the bytes that have come.
    private func process(on loop: isolated EventLoop) {
        // An answer that is ready at once comes back here: the next request waits below, instead of one stack frame for
        // each.
        guard !isProcessing, !isWaitingForTurn else { return }
        isProcessing = true
        defer { isProcessing = false }
        var hasBegun = false
        do throws(HTTPParseError) {
            while !inbound.isEmpty {
                switch phase {
                case .head:
                    guard !hasBegun else { return waitForTurn(on: loop) }
                    guard try beginRequest(on: loop) else { return }
                    hasBegun = true
                case .handling:
                    guard !request.isBodyOver, decodeBody(on: loop) else { return }
                case .discarding:
                    guard try discardBody(on: loop) else { return }
                case .lingering:
                    discardedBytes += inbound.count
                    inbound.clear()
                    if discardedBytes > context.limits.lingeringBytes { close(on: loop) }
                    return
                case .closed:
                    return
                }
            }
        } catch {
            // What cannot be thrown away belongs to a request that has its answer.
            if phase == .discarding { linger(on: loop) } else { refuse(error, on: loop) }
        }
    }

    /// A client that sends one request behind the other, and has them answered at once, must not keep the loop.
    private func waitForTurn(on loop: isolated EventLoop) {
        isWaitingForTurn = true
        turn.notify(self, on: loop)
        turn.fire()
    }

    func signalled(on loop: isolated EventLoop) {
        isWaitingForTurn = false
        continueReading(on: loop)
    }

    /// Goes on with what was read ahead, and reads what was left in the kernel.
    func continueReading(on loop: isolated EventLoop) {
        process(on: loop)
        if hasUnreadInput || peerHasClosed, !isProcessing { readAvailable(on: loop) }
    }

    // MARK: Ending

    /// Had a request, and waits for the next one.
    var isIdle: Bool { phase == .head && inbound.isEmpty && request.number > 0 }

    /// What has come and was not read yet is read first: it may be a request.
    func closeIfIdle(on loop: isolated EventLoop) {
        if phase == .head, !isProcessing { readAvailable(on: loop) }
        if phase == .head && inbound.isEmpty { close(on: loop) }
    }

    /// Answers what is not a request, and nothing more.
    func refuse(_ error: HTTPParseError, on loop: isolated EventLoop) {
        var answer: [UInt8] = []
        Refusal.write(error, by: context.responder, to: &answer)
        write(answer, on: loop)
        linger(on: loop)
    }

    /// Stops sending and lets the client read. Closing at once, with input unread, would reset the connection and
    /// take the answer away from the client.
    func linger(on loop: isolated EventLoop) {
        guard phase != .closed else { return }
        if outbound.isEmpty { socket.closeSendingSide() }
        phase = .lingering
        discardedBytes = 0
        inbound.clear()
        readDeadline = loop.now + context.times.linger
        armTimer(on: loop)
    }

    /// Cuts the connection and tells who answers on it. Idempotent.
    func close(on loop: isolated EventLoop) {
        guard phase != .closed else { return }
        phase = .closed
        loop.remove(socket.descriptor)
        if request.closeEndsAnswer { socket.reset() } else { socket.close() }
        timer.cancel(on: loop)
        reference?.release(on: loop)
        if !request.isBodyOver || request.webSocket == .offered { request.fail(.incomplete("the client went away")) }
        server.forget(self, on: loop)
        pending.take()?.clientHasGone(on: loop)
        bodySignal.fire()
        writeSignal.fire()
    }
}
