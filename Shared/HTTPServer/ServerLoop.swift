import EventLoop
import HTTP

/// What a server has on one loop: its listeners and its connections.
final class ServerLoop: DescriptorHandler, TimerHandler {
    /// Connections accepted in one go, before those that exist get their turn.
    private static let acceptBatch = 64
    /// How long accepting pauses when there is no descriptor left even after giving up the reserve, or no watch.
    private static let acceptPause = Duration.milliseconds(100)
    /// Tasks that wait for requests; more were needed only for a moment.
    private static let idleTaskLimit = 256
    /// Connections looked at for idle ones when there is no room for another: more would be dear in a crowd.
    private static let idleSearch = 64
    /// What a refused client is told to wait, in seconds.
    private static let retryAfterSeconds = 1

    let context: ConnectionContext
    private let connectionLimit: Int
    private var listeners: [ListeningSocket] = []
    /// Each knows its place.
    private var connections: [ServerConnection] = []
    private var searchPlace = 0
    private let reserve = ReservedDescriptor()
    private var acceptTimer: LoopTimer?
    private var drainTimer: LoopTimer?
    private var idleTimer: LoopTimer?
    private var drainWaiters: [CheckedContinuation<Void, Never>] = []
    /// Tasks that answer a request, also those whose client has gone.
    private var taskCount = 0
    private var idleTasks: [RequestTask] = []

    init(_ context: ConnectionContext, loopCount: Int) {
        self.context = context
        connectionLimit = max(1, context.limits.connections / loopCount)
    }

    // MARK: Accepting

    func listen(
        _ address: SocketAddress, sharesPort: Bool, on loop: isolated EventLoop
    ) throws(SystemError) -> SocketAddress {
        let listener = try ListeningSocket(address, sharesPort: sharesPort)
        try loop.add(listener.descriptor, .readable, handler: self)
        listeners.append(listener)
        return listener.address
    }

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) {
        for listener in listeners { accept(from: listener, upTo: Self.acceptBatch, on: loop) }
    }

    private func accept(from listener: ListeningSocket, upTo count: Int, on loop: isolated EventLoop) {
        for _ in 0..<count {
            switch listener.accept() {
            case .connection(let socket, let peer): add(socket, peer, on: loop)
            case .wouldBlock: return
            case .outOfDescriptors:
                // Better refused than left waiting, unseen, in the backlog.
                if !reserve.shedOne(from: listener) {
                    pauseAccepting(on: loop)
                    return
                }
            case .failed: continue
            }
        }
    }

    private func add(_ socket: Socket, _ peer: SocketAddress, on loop: isolated EventLoop) {
        if connections.count >= connectionLimit { makeRoom(on: loop) }
        guard connections.count < connectionLimit else {
            var answer: [UInt8] = []
            Refusal.write(
                HTTPParseError(.serviceUnavailable, "too many connections"), by: context.responder,
                retryAfterSeconds: Self.retryAfterSeconds, to: &answer)
            _ = socket.send(answer, 0..<answer.count)
            return
        }
        let connection = ServerConnection(socket, peer: peer.description, server: self, on: loop)
        // Without a watch the connection is closed as it is released here.
        guard connection.start(on: loop) else { return }
        connection.place = connections.count
        connections.append(connection)
    }

    /// Closes the one that has been idle for the longest, of all or of a sample: an order of all of them would have to
    /// be kept with each request.
    private func makeRoom(on loop: isolated EventLoop) {
        let count = connections.count
        // Neighbours have come together and are often alike, so a sample is taken all over.
        let stride = count <= Self.idleSearch ? 1 : count * 618 / 1000 | 1
        var longest: ServerConnection?
        for _ in 0..<min(count, Self.idleSearch) {
            searchPlace = (searchPlace + stride) % count
            let connection = connections[searchPlace]
            if connection.isIdle, connection.readDeadline < longest?.readDeadline ?? .distantFuture {
                longest = connection
            }
        }
        longest?.closeIfIdle(on: loop)
    }

    private func pauseAccepting(on loop: isolated EventLoop) {
        guard acceptTimer == nil else { return }
        for listener in listeners { loop.remove(listener.descriptor) }
        acceptTimer = loop.schedule(after: Self.acceptPause, self)
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        if timer == drainTimer {
            drainTimer = nil
            cutOff(on: loop)
        } else if timer == idleTimer {
            idleTimer = nil
            closeIdle(on: loop)
        } else if timer == acceptTimer {
            acceptTimer = nil
            reserve.reserve()
            resumeAccepting(on: loop)
        }
    }

    private func resumeAccepting(on loop: isolated EventLoop) {
        do throws(SystemError) {
            for listener in listeners { try loop.add(listener.descriptor, .readable, handler: self) }
        } catch {
            pauseAccepting(on: loop)
        }
    }

    // MARK: Connections and tasks

    func forget(_ connection: ServerConnection, on loop: isolated EventLoop) {
        let last = connections.removeLast()
        if last !== connection {
            last.place = connection.place
            connections[connection.place] = last
        }
        noteGone(on: loop)
    }

    /// A task to answer a request with; `takeBack` follows.
    func takeTask() -> RequestTask {
        taskCount += 1
        return idleTasks.popLast() ?? RequestTask(self)
    }

    func takeBack(_ task: RequestTask, on loop: isolated EventLoop) {
        taskCount -= 1
        if task.isCancelled || context.isDraining || idleTasks.count >= Self.idleTaskLimit {
            task.end()
        } else {
            idleTasks.append(task)
        }
        noteGone(on: loop)
    }

    // MARK: Draining

    /// Whoever has begun to connect is still accepted.
    func takeNoNewcomers() {
        for listener in listeners { listener.dropRequests() }
    }

    func stopAccepting(on loop: isolated EventLoop) {
        for listener in listeners {
            // Those who are connected already would get a reset for their requests.
            accept(from: listener, upTo: Int(ListeningSocket.backlog) + 1, on: loop)
            loop.remove(listener.descriptor)
            listener.close()
        }
        listeners = []
    }

    /// From here on each answer is the last on its connection.
    func beginDraining() { context.isDraining = true }

    func drain(deadline: Duration, idleGrace: Duration, on loop: isolated EventLoop) async {
        if idleGrace == .zero {
            closeIdle(on: loop)
        } else if !connections.isEmpty, idleTimer == nil {
            idleTimer = loop.schedule(after: idleGrace, self)
        }
        for task in idleTasks { task.end() }
        idleTasks = []
        guard !connections.isEmpty || taskCount > 0 else { return }
        if drainTimer == nil { drainTimer = loop.schedule(after: deadline, self) }
        await withCheckedContinuation { drainWaiters.append($0) }
    }

    private func closeIdle(on loop: isolated EventLoop) {
        context.closesIdle = true
        for connection in connections { connection.closeIfIdle(on: loop) }
    }

    private func noteGone(on loop: isolated EventLoop) {
        guard context.isDraining, connections.isEmpty, taskCount == 0 else { return }
        for timer in [drainTimer, idleTimer].compactMap({ $0 }) { loop.cancel(timer) }
        (drainTimer, idleTimer) = (nil, nil)
        endDraining()
    }

    private func cutOff(on loop: isolated EventLoop) {
        for connection in connections { connection.close(on: loop) }
        // A task that does not heed its cancellation must not keep the process.
        endDraining()
    }

    private func endDraining() {
        let waiters = drainWaiters
        drainWaiters = []
        for waiter in waiters { waiter.resume() }
    }
}
