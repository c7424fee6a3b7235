import EventLoop
import HTTP

/// The connections to one origin on one loop.
final class ConnectionPool {
    let origin: HTTPOrigin
    /// See `HTTPHeadWriter.afterTarget`.
    let afterTarget: [UInt8]
    let limits: HTTPClientLimits
    let times: ClientTimes
    /// Where requests are put together; it is empty between uses.
    var scratch: [UInt8] = []
    private let resolver: NameResolver
    /// The one used last is at the end and is used next: the others get the chance to grow old and go.
    private var idle: [ClientConnection] = []
    /// Open connections, and those being opened.
    private var openCount = 0
    private var waiters: [ConnectionWaiter] = []

    init(_ origin: HTTPOrigin, limits: HTTPClientLimits, resolver: NameResolver) {
        self.origin = origin
        afterTarget = HTTPHeadWriter.afterTarget(authority: origin.authority)
        self.limits = limits
        times = ClientTimes(limits)
        self.resolver = resolver
    }

    var isUnused: Bool { openCount == 0 && waiters.isEmpty }

    /// A connection that lay idle.
    func takeIdle(for request: HTTPRequest, on loop: isolated EventLoop) -> ClientConnection? {
        while let connection = idle.popLast() {
            // What cannot be repeated gets a last look at whether the server has closed meanwhile.
            if connection.isUsable(carefully: !request.method.isIdempotent, on: loop) { return connection }
            connection.close(on: loop)
        }
        return nil
    }

    /// A new connection; at the limit, the next one that is free.
    func open(_ connectDeadline: Duration, on loop: isolated EventLoop) async throws(HTTPTransportError)
        -> ClientConnection
    {
        guard !Task.isCancelled else { throw .cancelled }
        let deadline = loop.now + LoopDuration(connectDeadline)
        if openCount >= limits.connectionsPerOrigin || !waiters.isEmpty {
            if let connection = try await waitForTurn(until: deadline, on: loop) { return connection }
        } else {
            openCount += 1
        }
        do throws(HTTPTransportError) {
            let addresses = try await NameLookUp.addresses(origin, resolver, until: deadline, on: loop)
            return try await connect(addresses, until: deadline, on: loop)
        } catch {
            noteClosed()
            throw error
        }
    }

    private func connect(
        _ addresses: [SocketAddress], until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(HTTPTransportError) -> ClientConnection {
        var reason = "no address"
        for address in addresses {
            let connection: ClientConnection
            do throws(SystemError) {
                connection = try ClientConnection(address, pool: self, on: loop)
            } catch {
                reason = "\(address): \(error)"
                continue
            }
            guard let failure = await connection.connect(until: deadline, on: loop) else { return connection }
            guard case .connectFailed(let text) = failure else { throw failure }
            reason = text
        }
        throw .connectFailed(reason)
    }

    // MARK: Waiting at the limit

    /// - Returns: a connection, or nil if this waiter may open one; it has been counted then.
    private func waitForTurn(
        until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(HTTPTransportError) -> ClientConnection? {
        guard waiters.count < limits.waitingPerOrigin else {
            throw .connectFailed("too many requests wait for a connection to \(origin)")
        }
        let waiter = ConnectionWaiter()
        waiters.append(waiter)
        switch await waiter.wait(until: deadline, on: loop) {
        case .connection(let connection): return connection
        case .mayOpen: return nil
        case .timedOut, .cancelled, nil:
            waiters.removeAll { $0 === waiter }
            if case .cancelled = waiter.outcome { throw .cancelled }
            throw .connectFailed("all \(limits.connectionsPerOrigin) connections to \(origin) are in use")
        }
    }

    private func nextWaiter() -> ConnectionWaiter? {
        while !waiters.isEmpty {
            let waiter = waiters.removeFirst()
            if waiter.outcome == nil { return waiter }
        }
        return nil
    }

    // MARK: Giving back

    /// Takes back a connection whose exchange has ended properly.
    func release(_ connection: ClientConnection, on loop: isolated EventLoop) {
        if let waiter = nextWaiter() {
            waiter.end(.connection(connection))
        } else if idle.count < limits.idlePerOrigin {
            idle.append(connection)
        } else {
            connection.close(on: loop)
        }
    }

    func forget(_ connection: ClientConnection) {
        if connection.isIdle { idle.removeAll { $0 === connection } }
        noteClosed()
    }

    private func noteClosed() {
        if let waiter = nextWaiter() {
            waiter.end(.mayOpen)
        } else {
            openCount -= 1
        }
    }

    func closeIdle(on loop: isolated EventLoop) {
        for connection in idle { connection.close(on: loop) }
    }
}

/// The durations of the limits in the loop's terms.
struct ClientTimes {
    let idle: LoopDuration
    let writeStall: LoopDuration

    init(_ limits: HTTPClientLimits) {
        idle = LoopDuration(limits.idleTimeout)
        writeStall = LoopDuration(limits.writeStall)
    }
}
