import EventLoop
import HTTP

/// One connection to an origin: carries one exchange after the other.
final class ClientConnection: DescriptorHandler, TimerHandler {
    enum Phase {
        case connecting
        case idle
        case exchanging
        case closed
    }

    private static let readRoom = 4096
    private static let readRoomLimit = 64 * 1024
    /// Servers close connections for their age when they have lain idle for seconds.
    private static let recentUse = LoopDuration(.milliseconds(100))

    let pool: ConnectionPool
    let socket: Socket
    private let address: SocketAddress
    var phase = Phase.connecting
    let inbound = ByteBuffer(initialCapacity: readRoom)
    var parser: HTTPResponseParser
    var hasUnreadInput = false
    let exchange = ExchangeInProgress()
    /// The pool counts it as open; until then, its place is counted.
    private var isCounted = false
    /// For who waits for the connection or the response, then for the reader of the body.
    let signal = LoopSignal()
    /// Who waits for the response, if that is no task.
    var receiver: (any ResponseReceiver)?
    let writeSignal = LoopSignal()
    var upload: Task<Void, Never>?
    private var connectFailure: HTTPTransportError?
    /// When the wait that is going on ends.
    var deadline = LoopInstant.distantFuture
    var writeDeadline = LoopInstant.distantFuture
    private let timer = LazyTimer()
    private(set) var reference: LoopReference<ClientConnection>?

    /// Begins to connect.
    init(_ address: SocketAddress, pool: ConnectionPool, on loop: isolated EventLoop) throws(SystemError) {
        self.pool = pool
        self.address = address
        parser = HTTPResponseParser(limits: pool.limits.head)
        socket = try Socket.connecting(to: address)
        // For everything, from the beginning to the end: no exchange has to change the watch.
        try loop.add(socket.descriptor, [.readable, .writable, .peerClosed, .edgeTriggered], handler: self)
        reference = LoopReference(self, on: loop)
    }

    var isIdle: Bool { phase == .idle }

    // MARK: Connecting

    /// - Returns: why it failed; nil when connected.
    func connect(until deadline: LoopInstant, on loop: isolated EventLoop) async -> HTTPTransportError? {
        guard let reference else { return .cancelled }
        self.deadline = deadline
        armTimer(on: loop)
        await withTaskCancellationHandler {
            if phase == .connecting, !Task.isCancelled { await signal.wait(on: loop) }
        } onCancel: {
            reference.perform { connection, _ in
                if connection.phase == .connecting { connection.signal.fire() }
            }
        }
        self.deadline = .distantFuture
        if Task.isCancelled { connectFailure = .cancelled }
        if connectFailure != nil || phase != .idle {
            close(on: loop)
            return connectFailure ?? .connectFailed("\(address): the connection was closed")
        }
        isCounted = true
        return nil
    }

    private func connected(_ events: ReadyEvents, on loop: isolated EventLoop) {
        if let error = socket.connectError {
            connectFailure = .connectFailed("\(address): \(error)")
        } else if events.contains(.writable) {
            phase = .idle
            deadline = .distantFuture
        } else {
            return
        }
        signal.fire()
    }

    // MARK: Events

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) {
        if phase == .connecting {
            connected(events, on: loop)
            return
        }
        if events.contains(.writable) { writeSignal.fire() }
        if !events.isDisjoint(with: [.readable, .peerClosed, .hangUp, .error]) {
            if !events.isDisjoint(with: [.peerClosed, .hangUp, .error]) { exchange.serverHasClosed = true }
            readAvailable(on: loop)
        }
    }

    /// Reads until the kernel has no more, or the reader of the body is behind.
    func readAvailable(on loop: isolated EventLoop) {
        var room = Self.readRoom
        while phase == .idle || phase == .exchanging {
            if exchange.received.count >= pool.limits.bufferedBodyBytes {
                hasUnreadInput = true
                return
            }
            let (result, offered) = socket.receive(into: inbound, room: room)
            switch result {
            case .moved(let count):
                process(on: loop)
                // What fills the room is large: the next read takes more at once.
                if count == offered { room = min(2 * room, Self.readRoomLimit) }
                if count < offered, !exchange.serverHasClosed {
                    hasUnreadInput = false
                    return
                }
            case .wouldBlock:
                hasUnreadInput = false
                return
            case .closed:
                serverClosed("the server closed the connection", orderly: !exchange.sendingBroke, on: loop)
            case .failed(let error):
                serverClosed("the connection broke: \(error)", orderly: false, on: loop)
            }
        }
    }

    func armTimer(on loop: isolated EventLoop) { timer.arm(for: min(deadline, writeDeadline), self, on: loop) }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        self.timer.noteFired()
        if min(deadline, writeDeadline) <= loop.now { deadlinePassed(on: loop) }
        if phase != .closed { armTimer(on: loop) }
    }

    private func deadlinePassed(on loop: isolated EventLoop) {
        switch phase {
        case .connecting:
            connectFailure = .connectFailed("\(address): no connection in time")
            deadline = .distantFuture
            signal.fire()
        case .idle: close(on: loop)
        case .exchanging: exchangeTimedOut(on: loop)
        case .closed: break
        }
    }

    // MARK: Ending

    /// Whether an idle connection can carry another exchange.
    /// - Parameter carefully: Ask the kernel as well whether the server has closed one that was not in use of late, or
    ///   sent something unasked, since the loop has last looked.
    func isUsable(carefully: Bool, on loop: isolated EventLoop) -> Bool {
        guard phase == .idle, deadline > loop.now else { return false }
        let wasJustUsed = deadline + Self.recentUse > loop.now + pool.times.idle
        return !carefully || wasJustUsed || socket.peek() == .wouldBlock
    }

    /// What has come of a response stays readable. Idempotent.
    func close(on loop: isolated EventLoop) {
        guard phase != .closed else { return }
        if isCounted { pool.forget(self) }
        phase = .closed
        loop.remove(socket.descriptor)
        socket.close()
        timer.cancel(on: loop)
        if !exchange.isHeld { reference?.release(on: loop) }
        upload?.cancel()
        upload = nil
        signal.fire()
        writeSignal.fire()
    }

    /// Nobody will ask for the outcome of the exchange any more.
    func letGo(on loop: isolated EventLoop) {
        exchange.isHeld = false
        if phase == .closed { reference?.release(on: loop) }
    }
}
